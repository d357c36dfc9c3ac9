/* Work on one state of a document, which may ask the file system: done by another thread than the one that reads
 * messages. */
#ifndef UNROOT_LSP_JOB_H
#define UNROOT_LSP_JOB_H

#include "lsp/client.h"
#include "lsp/document.h"

struct job;
struct server;
struct subject;
struct worker;

struct task {
	/* Sets job->result, or job->error. `subject` is the document with all that is found around it. */
	void (*run)(struct worker *w, struct job *job, struct subject *subject);
	/* What the server does with the result; NULL: it is the answer to the request. */
	void (*finish)(struct server *s, struct job *job);
	bool fresh; /* the answer is of no use when the document has changed meanwhile */
};

struct job {
	struct job *next;
	const struct task *task;
	json_t *id; /* of the request; NULL: nobody asked */
	json_t *params;
	const struct capabilities *client;
	char *uri;
	struct text *text;
	json_int_t version;
	struct documents open; /* all of them, as they were when the job was begun */
	bool other;	       /* the document is no Dockerfile */
	unsigned generation;   /* of the configuration: worker.generation */
	bool cancelled;
	/* Made by the worker. */
	json_t *result;
	enum message_error error; /* 0: none */
	const char *message;	  /* static */
};

#endif
