/* The words of a request. What comes from the repository is data: it stands in code spans that it cannot end, or has
   every character taken its meaning. */
#ifndef UNROOT_BOT_BODY_H
#define UNROOT_BOT_BODY_H

#include "bot/change.h"

struct body_facts {
	const struct changes *changes;
	struct str hash;
	bool one_file;	   /* one request a file: --group=file */
	bool conventional; /* the log is of Conventional Commits */
};

/* "fix(docker): run containers as non-root" */
struct str body_title(struct arena *a, const struct body_facts *f);

/* The body, with its mark; at most 60,000 bytes. */
struct str body_text(struct arena *a, const struct body_facts *f);

/* The message of the commit, without the trailer. */
struct str body_message(struct arena *a, const struct body_facts *f);

/* The last body of a request that has nothing left to do. */
struct str body_obsolete(struct arena *a, struct str body);

/* Whether at least half of these subjects (one a line) are of Conventional Commits. */
bool body_is_conventional(struct str subjects);

/* Text in a code span; a line feed and the like are shown as \n. `cell`: inside a table. */
void body_code(struct buf *out, struct str text, bool cell);

/* Text that is only text. */
void body_plain(struct buf *out, struct str text);

#endif
