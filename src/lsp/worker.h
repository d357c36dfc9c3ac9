/* Analyses documents: the one place of the server that asks the file system. It keeps configurations and engines from
   one job to the next, and nothing of a document. */
#ifndef UNROOT_LSP_WORKER_H
#define UNROOT_LSP_WORKER_H

#include "lsp/job.h"
#include "project/config.h"
#include "project/provider.h"

/* What the command line says. */
struct worker_options {
	const struct settings *settings;
	const char *config, *context; /* --config, --context, or NULL */
	bool isolated;
};

/* A configuration made ready. */
struct prepared {
	struct config *config;
	unroot_engine *safe; /* applies safe fixes alone, whatever the configuration says; NULL: it is broken */
	const char *fault;   /* what is wrong then, one line or more */
};

/* What holds for documents of one path. */
struct surroundings {
	const struct prepared *prepared;
	bool left_out; /* the file is excluded, or none that a walk would read */
};

struct worker {
	const struct worker_options *options;
	struct arena arena;   /* the job's */
	struct arena lasting; /* the configurations' */
	unsigned generation;  /* of what is in there */
	bool configured;
	struct configs configs;
	struct buf errors;
	struct map by_path; /* struct surroundings */
	VEC(struct prepared *) prepared;
	VEC(struct analysis *) analyses; /* of the job */
};

void worker_init(struct worker *w, const struct worker_options *options);
void worker_free(struct worker *w);

/* Does a job. Running out of memory makes it fail. */
void worker_run(struct worker *w, struct job *job);

/* A file that the client has open. */
struct open_file {
	struct str path;
	const struct document_open *document;
};

/* A document with what is found around it. */
struct subject {
	struct str text;
	struct lines lines;
	const char *name; /* its path; its URI when it is no file */
	const struct prepared *prepared;
	bool left_out, other; /* job.other */
	struct provider_files files;
	unroot_provider provider;
	const unroot_provider *given; /* NULL: it is no file */
	VEC(struct open_file) open;
};

/* The document that the client has open at an absolute path, or NULL. */
const struct document_open *subject_open_at(const struct subject *s, struct str path);

/* What a run over it gave. */
struct analysis {
	unroot_report *report; /* NULL: there was an error */
	unroot_error error;
	const unroot_finding *findings;
	size_t finding_count;
	const unroot_file *files;
	size_t file_count;
};

/* Runs an engine. `provider` is that of the subject or NULL. With `only`, a finding of an earlier analysis, its fix
   alone is made. Valid until the job is done. */
struct analysis *subject_analyse(struct worker *w, const struct subject *s, unroot_engine *engine,
				 const unroot_provider *provider, const unroot_finding *only);

/* The change that the analysis makes to the Dockerfile itself, or NULL. */
const unroot_file *analysis_own_file(const struct analysis *analysis, const struct subject *s);

/* Whether it may be fixed: it has a configuration that is whole, and is not left out. */
static inline bool subject_open(const struct subject *s)
{
	return s->prepared->safe && !s->left_out;
}

#endif
