/* Output formats: what a run found, as text for people and machines. */
#ifndef UNROOT_REPORT_REPORT_H
#define UNROOT_REPORT_REPORT_H

#include "base/buf.h"
#include "unroot/unroot.h"

/* One Dockerfile and what came of it. */
struct report_item {
	const char *path;
	struct str bytes; /* as it was */
	const unroot_finding *findings;
	size_t finding_count;
	const unroot_file *files;
	size_t file_count;
	const unroot_error *error; /* NULL when all went well */
	bool written;		   /* the changes are in the files now */
	bool unfixed_only;	   /* leave out findings whose fix is among the changes (text formats) */
	bool source;		   /* show the source line (text format) */
	bool colour;
};

struct report_format {
	const char *name;
	const char *head, *between, *tail; /* around the files' texts */
	bool edits;			   /* it tells what the fixes write, not only that there are some */
	/* Appends one file; false when memory ran out. */
	bool (*file)(struct arena *a, const struct report_item *item, struct buf *out);
	/* Where `tail` does not say it all: what a file that failed adds to the end, and the end itself, given
	   what all of them added, with commas between, and whether the run failed. Both NULL or neither. */
	bool (*note)(struct arena *a, const struct report_item *item, struct buf *out);
	bool (*end)(struct arena *a, struct str notes, bool failed, struct buf *out);
};

extern const struct report_format report_text, report_concise, report_json, report_sarif, report_github, report_gitlab,
	report_checkstyle, report_rdjson;

/* All of them, ended by NULL. */
extern const struct report_format *const report_formats[];

/* The format of that name, or NULL; and the names, for messages. */
const struct report_format *report_format_by_name(const char *name);
extern const char report_format_names[];

/* "safe", "interface", "unsafe", "display-only". */
const char *report_class_name(unroot_class cls);

/* A text for other programs: UTF-8 whose only control characters are line ends and tabs; others become U+FFFD. */
struct str report_plain(struct arena *a, struct str text);

/* What a finding says and, in a line of its own, what has to follow outside; plain. */
struct str report_message(struct arena *a, const unroot_finding *finding);

/* Where the page of a rule can be read. */
const char *report_rule_url(struct arena *a, const char *rule);

/* Appends text for a terminal or a log: control characters become \n, \x1b, ... */
void report_clean(struct buf *out, struct str text);

/* Appends one clean line "PATH:LINE:COLUMN: message"; without a place line is 0. */
void report_error(struct buf *out, const char *path, unsigned line, unsigned column, const char *message);

/* Appends "PATH: VERB rule, rule (detail; what has to follow), …" for the findings that are fixed; nothing when there
 * are none. */
void report_fixed(struct buf *out, const struct report_item *item, const char *verb);

/* Appends a unified diff in colours, for people: without what a terminal would obey, and without CR at the ends of
 * lines. */
void report_colour_diff(struct buf *out, struct str diff);

#endif
