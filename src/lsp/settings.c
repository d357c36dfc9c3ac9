#include "lsp/settings.h"

#define SECTION "unroot"
#define FORMATTING "textDocument/formatting"

static void register_one(struct server *s, const char *method, json_t *options)
{
	server_request(s, "client/registerCapability",
		       json_pack("{s:[{s:s, s:s, s:o*}]}", "registrations", "id", method, "method", method,
				 "registerOptions", options));
}

/* Other servers format Dockerfiles, too: this one offers it only as long as its user wants that. */
static void offer_formatting(struct server *s)
{
	bool wanted = s->settings.formatting;
	if (!s->client.registers_formatting || wanted == s->registered_formatting)
		return;
	s->registered_formatting = wanted;
	if (wanted)
		register_one(s, FORMATTING, json_pack("{s:n}", "documentSelector"));
	else /* "unregisterations" is how the protocol spells it */
		server_request(
			s, "client/unregisterCapability",
			json_pack("{s:[{s:s, s:s}]}", "unregisterations", "id", FORMATTING, "method", FORMATTING));
}

/* What a fix would change there is not what is on the disk as long as it is not saved. */
static void follow_other_files(struct server *s)
{
	static const char *const methods[] = {"textDocument/didOpen", "textDocument/didChange", "textDocument/didSave",
					      "textDocument/didClose"};
	enum { INCREMENTAL = 2 };
	for (size_t i = 0; i < sizeof methods / sizeof *methods; i++)
		register_one(s, methods[i],
			     json_pack("{s:[{s:s}], s:i}", "documentSelector", "pattern", OTHER_FILES, "syncKind",
				       INCREMENTAL));
}

static void ask(struct server *s)
{
	s->configuration =
		server_request(s, "workspace/configuration", json_pack("{s:[{s:s}]}", "items", "section", SECTION));
}

void settings_begin(struct server *s)
{
	if (s->client.registers_configuration)
		register_one(s, "workspace/didChangeConfiguration", json_pack("{s:s}", "section", SECTION));
	if (s->client.registers_watchers)
		register_one(s, "workspace/didChangeWatchedFiles",
			     json_pack("{s:[{s:s}]}", "watchers", "globPattern", "**/.unroot.yaml"));
	if (s->client.registers_documents)
		follow_other_files(s);
	if (s->client.pulls_configuration)
		ask(s);
	else
		offer_formatting(s);
}

void settings_changed(struct server *s, json_t *params)
{
	const json_t *section = json_at(params, "settings." SECTION);
	if (s->client.pulls_configuration) {
		ask(s);
	} else if (json_is_object(section)) {
		s->settings = client_settings_read(section);
		offer_formatting(s);
	}
}

void settings_answered(struct server *s, json_int_t id, const json_t *result)
{
	if (id != s->configuration)
		return;
	s->configuration = 0;
	if (json_is_object(json_array_get(result, 0)))
		s->settings = client_settings_read(json_array_get(result, 0));
	offer_formatting(s);
}
