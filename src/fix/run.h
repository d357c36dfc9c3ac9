/* From a Dockerfile's bytes to findings and edits that settle. */
#ifndef UNROOT_FIX_RUN_H
#define UNROOT_FIX_RUN_H

#include "fix/finding.h"
#include "fix/rule.h"

struct run_options {
	unroot_class least;  /* weakest class that is applied */
	const bool *enabled; /* by index in rules[] */
	struct wishes wishes;
	struct str target;
	bool all_targets;
	const struct build_arg *build_args;
	size_t nbuild_args;
	const unroot_finding *only; /* make the fix of this finding alone, with its bundle, in one round; or NULL */
	bool once;		    /* one round: which files change is known then, but not yet into what */
};

struct run_memory {
	struct arena *keep;    /* the result */
	struct arena *work;    /* one round */
	struct arena *scratch; /* one instruction */
};

/* What is kept of a finding; there may be very many. Texts end in NUL, and follow each other's share one copy. */
struct run_finding {
	const char *rule, *message, *detail, *follow;
	struct span span;
	unroot_class cls;
	uint32_t bundle : 31;
	uint32_t fixable : 1; /* it, or its bundle, has edits */
};

enum run_status { RUN_DONE, RUN_SYNTAX, RUN_UNSTABLE, RUN_NO_TARGET };

struct run_result {
	enum run_status status;
	struct syntax_error error;    /* RUN_SYNTAX */
	struct source source;	      /* the original, for positions */
	struct run_finding *findings; /* of the original, sorted by place */
	size_t finding_count;
	struct workspace workspace; /* files with original and current text */
	struct edits *edits;	    /* by workspace file: from original to current; `files` of them */
	uint32_t files;
};

/* Runs the rules, applies what the options allow, and again until nothing changes (at most ten rounds), unless the
 * options say once. `bytes` must outlive the result. */
void run_document(struct run_memory *m, const struct tables *tables, const struct run_options *options,
		  const char *name, struct str bytes, const struct provider *provider, struct run_result *result);

#endif
