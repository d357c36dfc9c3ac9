/* A Dockerfile's findings as a tool sees them that reads the file once the run is over: where fixes were written,
 * what they fixed is gone and the rest has moved with the text. */
#ifndef UNROOT_REPORT_VIEW_H
#define UNROOT_REPORT_VIEW_H

#include "report/report.h"
#include "syntax/source.h"

enum { VIEW_FINGERPRINT = 17 }; /* bytes, with the NUL */

/* A place in a file. Lines and columns count from 1. */
struct place {
	uint32_t line;
	uint32_t column; /* in bytes */
	uint32_t units;	 /* column in UTF-16 code units, as editors count; a byte order mark is none */
};

/* A file's places, asked for by byte offset. */
struct places {
	struct arena *arena;
	struct source source;
};
void places_open(struct places *p, struct arena *a, struct str bytes);
struct place place_at(struct places *p, size_t offset);

struct view {
	const struct report_item *item;
	struct str path; /* the Dockerfile's, without a leading "./" */
	struct places places;
	const unroot_file *written; /* the Dockerfile's changes when they are in the file, else NULL */
	const size_t *grown;	    /* by edit of `written`: how many bytes the ones before it added, modulo 2^n */
	size_t next;
	struct map *seen; /* by fingerprint */
};

struct view_finding {
	const unroot_finding *finding;
	size_t start, end; /* bytes */
	struct place from, to;
	struct str message;		    /* report_message() */
	char fingerprint[VIEW_FINGERPRINT]; /* as view_fingerprint(); two of one file are never the same */
};

/* `item` has to stay. */
void view_open(struct view *v, struct arena *a, const struct report_item *item);

/* The next finding in the order of places; false when there is no more. */
bool view_next(struct view *v, struct view_finding *out);

/* What stays the same when a finding moves: a hash, 16 hexadecimal digits, of path, rule and text. */
void view_fingerprint(char *out, struct str path, const char *rule, struct str text);

/* A path without a leading "./". */
struct str view_path(const char *path);

/* The path of a file that the fixes change, seen from where the Dockerfile's is seen from. */
struct str view_file_path(struct arena *a, const struct report_item *item, const unroot_file *file);

#endif
