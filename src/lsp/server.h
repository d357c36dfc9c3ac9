/* The language server without its surroundings: messages in, messages and jobs out. It opens no files, waits for
   nothing, and belongs to one thread; jobs are done by a worker (lsp/worker.h), in whatever thread. */
#ifndef UNROOT_LSP_SERVER_H
#define UNROOT_LSP_SERVER_H

#include "lsp/document.h"
#include "lsp/job.h"

enum server_state { SERVER_NEW, SERVER_READY, SERVER_SHUT_DOWN, SERVER_ENDED };

struct server {
	/* Where messages go, with their header. */
	void (*send)(void *ctx, struct str bytes);
	void *ctx;
	struct arena arena; /* one message */
	enum server_state state;
	int exit_code; /* when SERVER_ENDED */
	struct capabilities client;
	struct settings_of_client settings;
	bool registered_formatting;
	struct documents documents;
	struct job *first; /* not yet taken */
	struct job **last;
	struct job *running;		    /* taken */
	json_int_t requests, configuration; /* ids of the last request sent, and of that for the configuration */
	unsigned generation;
};

/* Running out of memory goes to `out_of_memory`. */
void server_init(struct server *s, void (*send)(void *ctx, struct str bytes), void *ctx, jmp_buf *out_of_memory);
void server_free(struct server *s);

/* A message; `body` is changed. */
void server_receive(struct server *s, char *body, size_t n);

/* A message that was too large to be read. */
void server_refuse(struct server *s);

/* The next job, when there is one and none is running: its result goes to server_finish(), which ends it. */
struct job *server_take(struct server *s);
void server_finish(struct server *s, struct job *job);

/* For handlers. */

/* Answers; `result` is taken. */
void server_reply(struct server *s, json_t *id, json_t *result);
void server_fail(struct server *s, json_t *id, enum message_error code, const char *text);

/* Sends a notification, and a request, whose id is given; `params` are taken. */
void server_notify(struct server *s, const char *method, json_t *params);
json_int_t server_request(struct server *s, const char *method, json_t *params);

/* Says in the client's log that something is wrong with a message. */
void server_complain(struct server *s, const char *method, const char *text);

/* Has a task done on the open document `uri`; without one the request fails. `id` may be NULL. */
void server_queue(struct server *s, const struct task *task, json_t *id, const json_t *uri, json_t *params);

/* The client no longer wants the answer to that request. */
void server_cancel(struct server *s, const json_t *id);

/* Analyses anew what the client shows: one document, or with NULL all. A client that asks by itself is told to, when
   all are meant. */
void server_diagnose(struct server *s, const struct document_open *document);

/* Other files may have changed. */
void server_forget_files(struct server *s);

#endif
