#include "lsp/method.h"

#include "lsp/action.h"
#include "lsp/command.h"
#include "lsp/diagnostic.h"
#include "lsp/hover.h"
#include "lsp/settings.h"
#include "unroot/unroot.h"

static const json_t *uri_of_document(const json_t *params)
{
	return json_at(params, "textDocument.uri");
}

static void initialize(struct server *s, json_t *id, json_t *params)
{
	const json_t *options = json_at(params, "initializationOptions");
	if (s->state != SERVER_NEW) {
		server_fail(s, id, ERROR_INVALID_REQUEST, "initialize comes once");
		return;
	}
	s->state = SERVER_READY;
	s->client = capabilities_read(params);
	s->settings = client_settings_read(options);
	server_reply(s, id,
		     json_pack("{s:o, s:{s:s, s:s}}", "capabilities",
			       capabilities_json(&s->client, s->settings.formatting), "serverInfo", "name", "unroot",
			       "version", unroot_version()));
}

static void initialized(struct server *s, json_t *id, json_t *params)
{
	(void)id, (void)params;
	settings_begin(s);
}

static void shut_down(struct server *s, json_t *id, json_t *params)
{
	(void)params;
	s->state = SERVER_SHUT_DOWN;
	server_reply(s, id, NULL);
}

static void end(struct server *s, json_t *id, json_t *params)
{
	(void)id, (void)params;
	s->exit_code = s->state == SERVER_SHUT_DOWN ? 0 : 1;
	s->state = SERVER_ENDED;
}

static void cancel(struct server *s, json_t *id, json_t *params)
{
	(void)id;
	server_cancel(s, json_at(params, "id"));
}

static void did_open(struct server *s, json_t *id, json_t *params)
{
	(void)id;
	if (documents_open(&s->documents, params))
		server_diagnose(s, documents_find(&s->documents, uri_of_document(params)));
	else
		server_complain(s, "textDocument/didOpen", "expected a textDocument with uri and text");
}

static void did_change(struct server *s, json_t *id, json_t *params)
{
	(void)id;
	if (documents_change(&s->documents, &s->arena, s->client.encoding, params))
		server_diagnose(s, documents_find(&s->documents, uri_of_document(params)));
	else
		server_complain(s, "textDocument/didChange",
				"expected changes of a document that is open; it is left as it was");
}

static void did_close(struct server *s, json_t *id, json_t *params)
{
	const json_t *uri = uri_of_document(params);
	(void)id;
	if (!documents_close(&s->documents, params))
		server_complain(s, "textDocument/didClose", "expected the uri of a document that is open");
	else if (!s->client.pulls_diagnostics)
		server_notify(s, "textDocument/publishDiagnostics",
			      json_pack("{s:O, s:[]}", "uri", uri, "diagnostics"));
}

/* A configuration may have been written by the same command; a client that watches it says so as well. */
static void did_save(struct server *s, json_t *id, json_t *params)
{
	const struct document_open *document = documents_find(&s->documents, uri_of_document(params));
	(void)id;
	server_forget_files(s);
	if (document)
		server_diagnose(s, document->other ? NULL : document);
}

static void files_changed(struct server *s, json_t *id, json_t *params)
{
	(void)id, (void)params;
	server_forget_files(s);
	server_diagnose(s, NULL);
}

static void configuration_changed(struct server *s, json_t *id, json_t *params)
{
	(void)id;
	settings_changed(s, params);
}

static void pull_diagnostics(struct server *s, json_t *id, json_t *params)
{
	static const struct task task = {diagnostics_pull, NULL, false};
	server_queue(s, &task, id, uri_of_document(params), params);
}

static void format(struct server *s, json_t *id, json_t *params)
{
	static const struct task task = {action_format, NULL, true};
	if (s->settings.formatting)
		server_queue(s, &task, id, uri_of_document(params), params);
	else
		server_reply(s, id, NULL);
}

static void list_actions(struct server *s, json_t *id, json_t *params)
{
	static const struct task task = {action_list, NULL, true};
	struct text_position place;
	if (position_read(json_at(params, "range.start"), &place) &&
	    position_read(json_at(params, "range.end"), &place))
		server_queue(s, &task, id, uri_of_document(params), params);
	else
		server_fail(s, id, ERROR_INVALID_PARAMS, "expected a range");
}

static void hover(struct server *s, json_t *id, json_t *params)
{
	static const struct task task = {hover_run, NULL, true};
	struct text_position place;
	if (position_read(json_at(params, "position"), &place))
		server_queue(s, &task, id, uri_of_document(params), params);
	else
		server_fail(s, id, ERROR_INVALID_PARAMS, "expected a position");
}

/* What the server takes a document to be: for whoever doubts that it is the same as in the editor (docs/editors.md). */
static void view_text(struct server *s, json_t *id, json_t *params)
{
	const struct document_open *document = documents_find(&s->documents, uri_of_document(params));
	if (document)
		server_reply(s, id,
			     json_pack("{s:I, s:o}", "version", document->version, "text",
				       json_stringn(document->text->bytes, document->text->n)));
	else
		server_fail(s, id, ERROR_INVALID_PARAMS, "expected the uri of a document that is open");
}

enum { NOTIFICATION = 0, REQUEST = 1 };

static const struct method methods[] = {
	{"initialize", REQUEST, true, initialize},
	{"initialized", NOTIFICATION, false, initialized},
	{"shutdown", REQUEST, false, shut_down},
	{"exit", NOTIFICATION, true, end},
	{"$/cancelRequest", NOTIFICATION, true, cancel},
	{"textDocument/didOpen", NOTIFICATION, false, did_open},
	{"textDocument/didChange", NOTIFICATION, false, did_change},
	{"textDocument/didClose", NOTIFICATION, false, did_close},
	{"textDocument/didSave", NOTIFICATION, false, did_save},
	{"textDocument/diagnostic", REQUEST, false, pull_diagnostics},
	{"textDocument/formatting", REQUEST, false, format},
	{"textDocument/codeAction", REQUEST, false, list_actions},
	{"textDocument/hover", REQUEST, false, hover},
	{"workspace/executeCommand", REQUEST, false, command_execute},
	{"workspace/didChangeConfiguration", NOTIFICATION, false, configuration_changed},
	{"workspace/didChangeWatchedFiles", NOTIFICATION, false, files_changed},
	{"unroot/viewText", REQUEST, false, view_text},
};

const struct method *method_find(const char *name)
{
	for (size_t i = 0; i < sizeof methods / sizeof *methods; i++)
		if (strcmp(methods[i].name, name) == 0)
			return &methods[i];
	return NULL;
}
