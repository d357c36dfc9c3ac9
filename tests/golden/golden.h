/* A golden case: a folder golden/<rule>/<case>/ with
 *
 *   Dockerfile (or Containerfile)  the input; a comment at its head says why the case exists
 *   expected                       what fix makes of it; without this file it has to stay byte-identical
 *   findings                       optional: "LINE rule class" for each finding, by place
 *   args                           optional: options of `unroot fix`, or ports-map=FROM=TO, one a line
 *   context/                       optional: the build context; the Dockerfile counts as lying at its root
 *   expected-context/              files of context/ that the fix changes
 *
 * A file that is refused has the line "error LINE message" in `findings`. */
#ifndef UNROOT_TESTS_GOLDEN_H
#define UNROOT_TESTS_GOLDEN_H

#include "support/support.h"
#include "unroot/unroot.h"

struct golden {
	struct arena *arena;
	const char *name; /* "rule/case" */
	const char *folder;
	const char *dockerfile; /* path */
	unroot_options options;
	bool settles; /* --no-second-run turns it off */
	bool crlf;    /* --no-crlf turns it off */
};

/* Reads the options of `args`; false for one that is not known. */
bool golden_options(struct golden *g, struct str *unknown);

/* Files of context/, with the changes of a first run over them. */
struct context {
	struct arena *arena;
	const char *root;
	const unroot_file *changed;
	size_t nchanged;
};
unroot_provider context_provider(struct context *c);

/* Ends the test with a unified diff when the texts differ. */
void assert_same(struct arena *a, const char *what, struct str actual, struct str expected);

#endif
