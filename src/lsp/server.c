#define _GNU_SOURCE
#include "lsp/server.h"

#include <stdlib.h>

#include "base/buf.h"
#include "lsp/diagnostic.h"
#include "lsp/method.h"
#include "lsp/settings.h"
#include "report/json.h"

void server_init(struct server *s, void (*send)(void *ctx, struct str bytes), void *ctx, jmp_buf *out_of_memory)
{
	*s = (struct server){.send = send, .ctx = ctx, .settings = client_settings_read(NULL)};
	s->last = &s->first;
	arena_init(&s->arena, NULL, 0);
	arena_arm(&s->arena, out_of_memory);
}

static void free_job(struct job *job)
{
	if (!job)
		return;
	json_decref(job->id);
	json_decref(job->params);
	json_decref(job->result);
	text_unref(job->text);
	documents_free(&job->open);
	free(job->uri);
	free(job);
}

void server_free(struct server *s)
{
	for (struct job *job; (job = s->first);) {
		s->first = job->next;
		free_job(job);
	}
	free_job(s->running);
	documents_free(&s->documents);
	arena_free(&s->arena);
}

/* Takes the message. */
static void send_message(struct server *s, json_t *message)
{
	struct buf body = buf_new(&s->arena), head = buf_new(&s->arena);
	if (!json_add(&body, message))
		longjmp(*s->arena.out_of_memory, 1);
	buf_printf(&head, "Content-Length: %zu\r\n\r\n", body.n);
	buf_add(&head, buf_str(&body));
	s->send(s->ctx, buf_str(&head));
}

void server_reply(struct server *s, json_t *id, json_t *result)
{
	send_message(s, message_result(id, result));
}

void server_fail(struct server *s, json_t *id, enum message_error code, const char *text)
{
	send_message(s, message_error(id, code, text));
}

void server_notify(struct server *s, const char *method, json_t *params)
{
	send_message(s, message_notification(method, params));
}

json_int_t server_request(struct server *s, const char *method, json_t *params)
{
	send_message(s, message_request(++s->requests, method, params));
	return s->requests;
}

void server_complain(struct server *s, const char *method, const char *text)
{
	enum { MESSAGE_WARNING = 2 };
	struct str line = arena_printf(&s->arena, "%s: %s", method, text);
	server_notify(s, "window/logMessage", json_pack("{s:i, s:s}", "type", MESSAGE_WARNING, "message", line.p));
}

static void receive_call(struct server *s, const struct method *method, const char *name, json_t *id, json_t *params)
{
	bool known = method && method->request == (id != NULL);
	if (known && (method->always || s->state == SERVER_READY))
		method->handle(s, id, params);
	else if (!id)
		return; /* what is not known may be left out, and what comes too early or too late is */
	else if (s->state == SERVER_NEW)
		server_fail(s, id, ERROR_NOT_INITIALIZED, "initialize comes first");
	else if (s->state == SERVER_SHUT_DOWN)
		server_fail(s, id, ERROR_INVALID_REQUEST, "nothing but exit comes after shutdown");
	else
		server_fail(s, id, ERROR_METHOD_NOT_FOUND, arena_printf(&s->arena, "there is no request %s", name).p);
}

static void receive_message(struct server *s, const json_t *message)
{
	json_t *id = json_object_get(message, "id");
	const char *name = json_string_value(json_object_get(message, "method"));
	bool answer = json_object_get(message, "result") || json_object_get(message, "error");
	if (id && !json_is_string(id) && !json_is_number(id))
		id = NULL;
	if (name)
		receive_call(s, method_find(name), name, id, json_object_get(message, "params"));
	else if (answer && json_is_integer(id))
		settings_answered(s, json_integer_value(id), json_object_get(message, "result"));
	else if (!answer)
		server_fail(s, id, ERROR_INVALID_REQUEST, "expected a message with a method");
}

void server_receive(struct server *s, char *body, size_t n)
{
	json_t *message = message_parse(&s->arena, body, n);
	if (message)
		receive_message(s, message);
	else
		server_fail(s, NULL, ERROR_PARSE, "expected a JSON object");
	json_decref(message);
	arena_reset(&s->arena);
}

void server_refuse(struct server *s)
{
	server_fail(s, NULL, ERROR_INVALID_REQUEST, "the message is too large");
	arena_reset(&s->arena);
}

static struct job *new_job(struct server *s, const struct task *task, const struct document_open *document)
{
	struct job *job = calloc(1, sizeof *job);
	if (!job)
		longjmp(*s->arena.out_of_memory, 1);
	job->task = task;
	job->client = &s->client;
	job->text = text_ref(document->text);
	job->version = document->version;
	job->other = document->other;
	job->generation = s->generation;
	job->uri = strdup(document->uri);
	if (!job->uri)
		longjmp(*s->arena.out_of_memory, 1);
	*s->last = job;
	s->last = &job->next;
	return job;
}

void server_queue(struct server *s, const struct task *task, json_t *id, const json_t *uri, json_t *params)
{
	const struct document_open *document = documents_find(&s->documents, uri);
	if (!document) {
		server_fail(s, id, ERROR_INVALID_PARAMS, "expected the uri of a document that is open");
		return;
	}
	struct job *job = new_job(s, task, document);
	job->id = json_incref(id);
	job->params = json_incref(params);
}

static struct job *unlink_job(struct server *s, struct job **link)
{
	struct job *job = *link;
	*link = job->next;
	if (!job->next)
		s->last = link;
	return job;
}

struct job *server_take(struct server *s)
{
	if (s->running || !s->first)
		return NULL;
	s->running = unlink_job(s, &s->first);
	if (!documents_copy(&s->running->open, &s->documents))
		longjmp(*s->arena.out_of_memory, 1);
	return s->running;
}

static bool is_outdated(const struct server *s, const struct job *job)
{
	const struct document_open *document = s->documents.first;
	while (document && strcmp(document->uri, job->uri) != 0)
		document = document->next;
	return !document || document->text != job->text;
}

void server_finish(struct server *s, struct job *job)
{
	s->running = NULL;
	if (job->id && job->cancelled)
		server_fail(s, job->id, ERROR_CANCELLED, "cancelled");
	else if (job->id && job->error)
		server_fail(s, job->id, job->error, job->message);
	else if (job->id && job->task->fresh && is_outdated(s, job))
		server_fail(s, job->id, ERROR_CONTENT_MODIFIED, "the document has changed");
	else if (job->task->finish && (job->id || !is_outdated(s, job)))
		job->task->finish(s, job);
	else if (job->id)
		server_reply(s, job->id, json_incref(job->result));
	free_job(job);
	arena_reset(&s->arena);
}

static void publish(struct server *s, struct job *job)
{
	json_t *params = json_pack("{s:s, s:O*}", "uri", job->uri, "diagnostics", job->result);
	if (s->client.diagnostic_versions)
		json_object_set_new(params, "version", json_integer(job->version));
	if (job->result)
		server_notify(s, "textDocument/publishDiagnostics", params);
	else
		json_decref(params);
}

static const struct task publishing = {diagnostics_list, publish, false};

/* Takes what is not begun and nobody needs any more out of the queue. */
static void drop_publishing(struct server *s, const struct document_open *document)
{
	for (struct job **link = &s->first; *link;) {
		if ((*link)->task == &publishing && strcmp((*link)->uri, document->uri) == 0)
			free_job(unlink_job(s, link));
		else
			link = &(*link)->next;
	}
}

void server_diagnose(struct server *s, const struct document_open *document)
{
	if (s->client.pulls_diagnostics) {
		if (!document && s->client.refreshes_diagnostics)
			server_request(s, "workspace/diagnostic/refresh", NULL);
		return;
	}
	bool all = !document || document->other;
	for (const struct document_open *d = all ? s->documents.first : document; d; d = all ? d->next : NULL) {
		if (d->other)
			continue;
		drop_publishing(s, d);
		new_job(s, &publishing, d);
	}
}

void server_forget_files(struct server *s)
{
	s->generation++;
}

void server_cancel(struct server *s, const json_t *id)
{
	if (s->running && json_equal(s->running->id, id))
		s->running->cancelled = true; /* it is told when it is done */
	struct job **link = &s->first;
	while (*link && !json_equal((*link)->id, id))
		link = &(*link)->next;
	if (!*link)
		return;
	struct job *job = unlink_job(s, link);
	server_fail(s, job->id, ERROR_CANCELLED, "cancelled");
	free_job(job);
}
