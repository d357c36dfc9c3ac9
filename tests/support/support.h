/* What several tests need: seeded random numbers, scratch directories, programs, and a reader of diffs. */
#ifndef UNROOT_TESTS_SUPPORT_H
#define UNROOT_TESTS_SUPPORT_H

#include "base/buf.h"
#include "fix/edit.h"

/* A generator that gives the same numbers everywhere (splitmix64). */
struct random {
	uint64_t state;
};
uint64_t random_next(struct random *r);
/* A number below `n`; 0 for n = 0. */
size_t random_below(struct random *r, size_t n);
bool random_one_in(struct random *r, size_t n);

/* Text of at most `length` pieces: letters, blanks, line ends of both kinds, UTF-8 and bytes that are not. */
struct str random_text(struct arena *a, struct random *r, size_t length);

/* Sorted edits of a text of `length` bytes that do not conflict, of file 0. */
struct edits random_edits(struct arena *a, struct random *r, size_t length);

/* Files. They end the test when the system fails; paths need no directory made before. */
struct str file_bytes(struct arena *a, const char *path);
void file_put(const char *path, struct str bytes);
bool path_exists(const char *path);

/* Regular files below a directory, at any depth, sorted; `suffix` filters by the end of the path. A file given
   instead of a directory gives itself. */
struct paths {
	const char **at;
	size_t n, cap;
};
void paths_below(struct arena *a, const char *path, const char *suffix, struct paths *out);
/* Names in one directory, sorted. */
void names_in(struct arena *a, const char *path, struct paths *out);

/* A new directory below TMPDIR or /tmp, and its removal. */
const char *scratch_new(struct arena *a);
void scratch_remove(const char *path);

/* Runs a program in `directory` (NULL: here) with its output shown only when the exit code is not the expected
   one. Gives the exit code, or -1 for a signal. */
int run_program(const char *directory, const char *const argv[], int expected);

/* Applies a unified diff of one file to `bytes`, strictly: every context and removed line must be there at exactly
   its place. False with a reason when it does not apply. */
bool patch_apply(struct arena *a, struct str diff, struct str bytes, struct str *out, const char **why);

/* `text` with LF line ends made CRLF. */
struct str with_crlf(struct arena *a, struct str text);

#endif
