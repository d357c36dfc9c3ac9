/* Running a command over many Dockerfiles: threads, output in the order of paths, summary, exit code. */
#ifndef UNROOT_CLI_RUN_H
#define UNROOT_CLI_RUN_H

#include "cli/options.h"
#include "project/provider.h"
#include "project/walk.h"

enum outcome { OUTCOME_CHANGED, OUTCOME_UNCHANGED, OUTCOME_REVIEW, OUTCOME_FAILED, OUTCOME_SILENT, OUTCOME_COUNT };

/* What one Dockerfile gave. */
struct result {
	struct arena arena;
	struct buf out, err; /* for standard output and standard error */
	struct buf report;   /* for the report, when there is one */
	struct buf notes;    /* for the report's end */
	enum outcome outcome;
	bool no_memory;
	bool ready;
};

/* A Dockerfile that was read and judged. Valid until the worker takes the next one. */
struct analysis {
	struct str bytes;
	struct file_id id;
	const unroot_finding *findings;
	size_t finding_count;
	const unroot_file *files;
	size_t file_count;
};

struct engine_of {
	const struct config *config;
	unroot_engine *engine;
};

/* What one thread keeps from one Dockerfile to the next. */
struct worker {
	const struct run *run;
	bool first; /* uses the engines that the configurations hold */
	struct arena arena;
	VEC(struct engine_of) engines;
	struct file_bytes bytes;
	struct provider_files files;
	unroot_report *report;
};

struct run {
	const struct options *options;
	void (*each)(struct worker *w, const struct input *in, struct result *r);
	const char *changed;   /* in the summary: "fixed", "would be fixed", "can be fixed" */
	bool found_is_failure; /* a changed file makes the exit code 1 */
	bool judge;	       /* what is asked is whether files change, not into what */
	bool sweep;	       /* remove leftovers in the directories walked */
	bool summary;
	const struct report_format *format; /* of the report, or NULL: none */
	bool colour_out, colour_err, colour_report;
};

/* Finds the Dockerfiles, runs `each` over them, prints everything. Gives the exit code. */
int run_all(struct run *run);

/* Reads one Dockerfile into out->bytes. On failure false, as run_analyse(). */
bool run_read(struct worker *w, const struct input *in, struct result *r, struct analysis *out);

/* Reads and judges one Dockerfile. On failure false, with the outcome and what is to be said in `r`. */
bool run_analyse(struct worker *w, const struct input *in, struct result *r, struct analysis *out);

/* Adds the Dockerfile to the report, when there is one. */
void run_report(const struct worker *w, const struct input *in, const struct analysis *analysis, bool written,
		struct result *r);

/* Says that something went wrong with a file. */
void run_fail(const struct worker *w, const struct input *in, struct result *r, const char *path,
	      const unroot_error *error);

/* Whether the findings need a person: one has a fix that is not safe enough to be made unasked. */
bool run_needs_review(const struct analysis *analysis);

#endif
