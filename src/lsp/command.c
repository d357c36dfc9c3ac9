#include "lsp/command.h"

#include "lsp/action.h"
#include "lsp/change.h"
#include "lsp/hover.h"

/* The files that `unroot fix` would change, each with its text as it would be. */
static void preview(struct worker *w, struct job *job, struct subject *s)
{
	const struct analysis *analysis =
		subject_open(s) ? subject_analyse(w, s, s->prepared->config->engine, s->given, NULL) : NULL;
	job->result = json_array();
	for (size_t i = 0; analysis && i < analysis->file_count; i++) {
		const unroot_file *file = &analysis->files[i];
		struct str uri = changed_uri(w, job, s, file->path);
		json_array_append_new(job->result, json_pack("{s:s%, s:s%}", "uri", uri.p, uri.n, "text", file->fixed,
							     file->fixed_length));
	}
}

static void apply(struct server *s, struct job *job)
{
	if (job->result)
		server_request(s, "workspace/applyEdit",
			       json_pack("{s:s, s:O}", "label", "Safe fixes of unroot", "edit", job->result));
	server_reply(s, job->id, NULL);
}

static void apply_safe_fixes(struct server *s, json_t *id, const json_t *argument)
{
	static const struct task task = {action_fix_all, apply, true};
	if (s->client.applies_edits)
		server_queue(s, &task, id, argument, NULL);
	else
		server_fail(s, id, ERROR_REQUEST_FAILED, "the client does not apply edits");
}

static void preview_fixes(struct server *s, json_t *id, const json_t *argument)
{
	static const struct task task = {preview, NULL, true};
	server_queue(s, &task, id, argument, NULL);
}

static void describe_facts(struct server *s, json_t *id, const json_t *argument)
{
	static const struct task task = {hover_describe, NULL, true};
	server_queue(s, &task, id, argument, NULL);
}

static void explain_rule(struct server *s, json_t *id, const json_t *argument)
{
	const char *rule = json_string_value(argument), *page = rule ? unroot_rule_page(rule) : NULL;
	if (page)
		server_reply(s, id, json_string(page));
	else
		server_fail(s, id, ERROR_INVALID_PARAMS, "expected the name of a rule");
}

static const struct command {
	const char *name; /* not a name that an extension would give to a command of its own */
	void (*execute)(struct server *s, json_t *id, const json_t *argument);
} commands[] = {
	{"unroot.server.applySafeFixes", apply_safe_fixes},
	{"unroot.server.previewFixes", preview_fixes},
	{"unroot.server.describeFacts", describe_facts},
	{"unroot.server.explainRule", explain_rule},
};
enum { COMMANDS = sizeof commands / sizeof *commands };

json_t *command_names(void)
{
	json_t *names = json_array();
	for (size_t i = 0; i < COMMANDS; i++)
		json_array_append_new(names, json_string(commands[i].name));
	return names;
}

void command_execute(struct server *s, json_t *id, json_t *params)
{
	struct str name = json_text(json_at(params, "command"));
	const json_t *argument = json_array_get(json_at(params, "arguments"), 0);
	for (size_t i = 0; i < COMMANDS; i++)
		if (str_eq(name, str_of(commands[i].name))) {
			commands[i].execute(s, id, argument);
			return;
		}
	server_fail(s, id, ERROR_INVALID_PARAMS, "expected a command that initialize names");
}
