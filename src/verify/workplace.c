#define _GNU_SOURCE
#include "verify/workplace.h"

#include <errno.h>
#include <fcntl.h>
#include <fts.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/sendfile.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/path.h"

enum { LARGEST_IGNORE = 1 << 20, STEP = 1 << 20 };
#define LARGEST_CONTEXT (4LL << 30) /* bytes that are copied when links cannot be made */

static void say(struct file_error *error, const char *what)
{
	snprintf(error->message, sizeof error->message, "%s: %s", what, strerror(errno));
}

bool workplace_make(struct workplace *w, struct file_error *error)
{
	const char *base = getenv("TMPDIR");
	char *name = (char *)(uintptr_t)arena_printf(w->arena, "%s/unroot-verify-XXXXXX",
						     base && base[0] == '/' ? base : "/tmp")
			     .p;
	if (!mkdtemp(name)) {
		say(error, name);
		return false;
	}
	w->directory = name;
	return true;
}

/* A walk that follows no links and stays on its own descriptors. */
static FTS *walk(const char *directory)
{
	char *roots[] = {(char *)(uintptr_t)directory, NULL};
	return fts_open(roots, FTS_PHYSICAL | FTS_NOCHDIR, NULL);
}

void workplace_remove(struct workplace *w)
{
	FTS *tree = w->directory ? walk(w->directory) : NULL;
	for (FTSENT *entry; tree && (entry = fts_read(tree));) {
		if (entry->fts_info == FTS_D)
			chmod(entry->fts_accpath, 0700); /* a copy of a directory that cannot be entered */
		else if (entry->fts_info == FTS_DP)
			rmdir(entry->fts_accpath);
		else
			unlink(entry->fts_accpath);
	}
	if (tree)
		fts_close(tree);
	w->directory = NULL;
}

static bool write_file(const char *path, struct str bytes, mode_t mode, struct file_error *error)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	bool ok = fd >= 0;
	while (ok && bytes.n > 0) {
		ssize_t n = write(fd, bytes.p, bytes.n);
		if (n < 0 && errno == EINTR)
			continue;
		ok = n > 0;
		if (ok)
			bytes = str_sub(bytes, (size_t)n, bytes.n);
	}
	ok = ok && fchmod(fd, mode) == 0;
	if (!ok)
		say(error, path);
	if (fd >= 0)
		close(fd);
	return ok;
}

const char *workplace_dockerfile(struct workplace *w, const char *original, struct str bytes, struct file_error *error)
{
	struct str name = path_last(str_of(original));
	const char *folder = arena_printf(w->arena, "%s/file", w->directory).p;
	const char *path = arena_printf(w->arena, "%s/%.*s", folder, STR_ARG(name)).p;
	const char *ignore = arena_printf(w->arena, "%s.dockerignore", original).p;
	struct file_bytes content = {0};
	struct file_error missing = {0};
	if (mkdir(folder, 0700) != 0) {
		say(error, folder);
		return NULL;
	}
	bool ok = write_file(path, bytes, 0644, error);
	if (ok && file_read(ignore, LARGEST_IGNORE, &content, NULL, &missing))
		ok = write_file(arena_printf(w->arena, "%s.dockerignore", path).p, (struct str){content.p, content.n},
				0644, error);
	else if (ok && !missing.missing) {
		*error = missing;
		ok = false;
	}
	file_bytes_free(&content);
	return ok ? path : NULL;
}

static bool copy_bytes(const char *from, const char *to, const struct stat *st, long long *left)
{
	int in = open(from, O_RDONLY | O_CLOEXEC | O_NOFOLLOW), out = -1;
	bool ok = in >= 0 && (out = open(to, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600)) >= 0;
	ssize_t n = 0;
	while (ok && *left >= 0 && (n = sendfile(out, in, NULL, STEP)) > 0)
		*left -= n;
	if (ok && *left < 0)
		errno = EFBIG;
	const struct timespec times[2] = {st->st_atim, st->st_mtim};
	ok = ok && *left >= 0 && n == 0 && fchmod(out, st->st_mode & 07777) == 0 && futimens(out, times) == 0;
	int code = errno;
	if (in >= 0)
		close(in);
	if (out >= 0)
		close(out);
	errno = code;
	return ok;
}

static bool copy_link(struct arena *a, const char *from, const char *to)
{
	enum { LONGEST = 4096 };
	char *target = arena_alloc(a, LONGEST + 1);
	ssize_t n = readlink(from, target, LONGEST);
	return n >= 0 && symlink(target, to) == 0;
}

/* Sockets, devices and the like are no part of a build context. */
static bool copy_entry(struct workplace *w, const FTSENT *entry, const char *to, long long *left)
{
	switch (entry->fts_info) {
	case FTS_D:
		return mkdir(to, 0700) == 0;
	case FTS_DP:
		return chmod(to, entry->fts_statp->st_mode & 07777) == 0;
	case FTS_F:
		return link(entry->fts_path, to) == 0 || copy_bytes(entry->fts_path, to, entry->fts_statp, left);
	case FTS_SL:
	case FTS_SLNONE:
		return copy_link(w->arena, entry->fts_path, to);
	case FTS_DEFAULT:
		return true;
	default:
		errno = entry->fts_errno;
		return false;
	}
}

static bool copy_tree(struct workplace *w, const char *from, const char *to, struct file_error *error)
{
	FTS *tree = walk(from);
	size_t skip = strlen(from);
	long long left = LARGEST_CONTEXT;
	bool ok = tree != NULL;
	for (FTSENT *entry; ok && (entry = fts_read(tree));) {
		struct arena_mark mark = arena_mark(w->arena);
		const char *target = arena_printf(w->arena, "%s%s", to, entry->fts_path + skip).p;
		ok = copy_entry(w, entry, target, &left);
		if (!ok)
			say(error, entry->fts_path);
		arena_rewind(w->arena, mark);
	}
	if (tree)
		fts_close(tree);
	return ok;
}

static bool replace_in(const char *path, struct str bytes, struct file_error *error)
{
	struct stat st = {0};
	/* Not through a link: those bytes are the user's. */
	if (lstat(path, &st) != 0 || !S_ISREG(st.st_mode) || unlink(path) != 0) {
		if (S_ISLNK(st.st_mode))
			errno = ELOOP;
		say(error, path);
		return false;
	}
	return write_file(path, bytes, st.st_mode & 07777, error);
}

static bool replace(struct workplace *w, const char *context, const struct changed_file *file, struct file_error *error)
{
	const char *path = arena_printf(w->arena, "%s/%s", context, file->path).p;
	const char *folder = arena_str(w->arena, path_parent(str_of(path))).p;
	struct stat st;
	if (stat(folder, &st) != 0 ||
	    chmod(folder, (st.st_mode & 07777) | S_IRWXU) != 0) { /* the user's may be read-only */
		say(error, folder);
		return false;
	}
	return replace_in(path, file->bytes, error) && chmod(folder, st.st_mode & 07777) == 0;
}

const char *workplace_context(struct workplace *w, const char *context, const struct changed_file *files, size_t n,
			      struct file_error *error)
{
	const char *copy = arena_printf(w->arena, "%s/context", w->directory).p;
	if (!copy_tree(w, context, copy, error))
		return NULL;
	for (size_t i = 0; i < n; i++)
		if (!replace(w, copy, &files[i], error))
			return NULL;
	return copy;
}
