/* Files: reading one whole, and replacing one atomically. Only drivers use this.
 *
 * A replacement keeps the file's mode, owner and extended attributes, and a symbolic link stays a link to the
 * replaced target. Until the rename the old file is untouched; what a run that died leaves behind is
 * named .unroot-XXXXXX and locked by nobody, and file_sweep() removes it. */
#ifndef UNROOT_BASE_FILE_H
#define UNROOT_BASE_FILE_H

#include <stdio.h>

#include "base/str.h"

/* What went wrong, as the rest of a line that begins with the file's name. */
struct file_error {
	bool missing; /* there is no such file, nor a directory it could lie in */
	bool changed; /* the file is no longer the one that was read */
	char message[256];
};

/* What tells one file, in one state, from another. */
struct file_id {
	uint64_t device, inode;
	int64_t size, seconds;
	uint32_t nanoseconds;
	uint32_t links;
};

/* Memory that is used for one file after another; zero-initialise, and give it back with file_bytes_free(). */
struct file_bytes {
	char *p;
	size_t n, cap;
};
void file_bytes_free(struct file_bytes *bytes);

/* Reads a regular file of at most `limit` bytes. Anything else is refused at once: a FIFO is not waited for.
   `id` may be NULL. */
bool file_read(const char *path, size_t limit, struct file_bytes *into, struct file_id *id, struct file_error *error);

/* The same for an open descriptor, which may also be a pipe when `any` is set. */
bool file_read_fd(int fd, size_t limit, bool any, struct file_bytes *into, struct file_id *id,
		  struct file_error *error);

/* A replacement that is written but not yet in place. */
struct file_replacement {
	int directory, temporary; /* descriptors */
	char name[16];		  /* of the temporary file */
	char *path;		  /* of the real file, links resolved */
	const char *base;	  /* its last component */
	struct file_id was;
};

/* Writes `bytes` beside the file `path`, which has to be in the state `was` still. A file with several hard links
   is refused unless `break_links`. On failure nothing is left behind. */
bool file_stage(struct file_replacement *r, const char *path, const struct file_id *was, struct str bytes,
		bool break_links, struct file_error *error);

/* Puts it in place, or fails and leaves nothing behind. */
bool file_commit(struct file_replacement *r, struct file_error *error);

/* Removes it. */
void file_discard(struct file_replacement *r);

/* A file that is written bit by bit and stands under its name only when it is whole: until then the old one is there.
   What is no regular file (a terminal, a FIFO, /dev/stdout), or can be written but not replaced (another's, in a
   directory that may not be written, with several links), is written directly. */
struct file_output {
	FILE *stream;
	struct file_replacement replacement; /* not used when written directly */
};
bool file_output_open(struct file_output *o, const char *path, struct file_error *error);

/* Puts the file in place, or fails and leaves the old one. */
bool file_output_close(struct file_output *o, struct file_error *error);

/* Gives up: the old file stays. */
void file_output_drop(struct file_output *o);

/* Whether a directory entry is named as a temporary file of this program is. */
bool file_is_temporary(struct str name);

/* Removes the temporary file `path` when it is ours and no running program holds it. */
void file_sweep(const char *path);

#endif
