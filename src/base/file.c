#define _GNU_SOURCE
#include "base/file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/file.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <sys/xattr.h>
#include <unistd.h>

static const char prefix[] = ".unroot-";
enum { PREFIX = sizeof prefix - 1, RANDOM = 6, ATTEMPTS = 100 };

__attribute__((format(printf, 2, 3))) static bool fail(struct file_error *error, const char *format, ...)
{
	va_list args;
	va_start(args, format);
	vsnprintf(error->message, sizeof error->message, format, args);
	va_end(args);
	return false;
}

static bool fail_errno(struct file_error *error, const char *what)
{
	int code = errno;
	error->missing = code == ENOENT || code == ENOTDIR;
	return fail(error, "%s: %s", what, strerror(code));
}

static struct file_id id_of(const struct stat *st)
{
	return (struct file_id){.device = st->st_dev,
				.inode = st->st_ino,
				.size = st->st_size,
				.seconds = st->st_mtim.tv_sec,
				.nanoseconds = (uint32_t)st->st_mtim.tv_nsec,
				.links = (uint32_t)st->st_nlink};
}

static bool id_same(const struct file_id *a, const struct file_id *b)
{
	return a->device == b->device && a->inode == b->inode && a->size == b->size && a->seconds == b->seconds &&
	       a->nanoseconds == b->nanoseconds;
}

static const char *kind_of(mode_t mode)
{
	switch (mode & S_IFMT) {
	case S_IFDIR:
		return "a directory";
	case S_IFIFO:
		return "a FIFO";
	case S_IFSOCK:
		return "a socket";
	default:
		return "a device";
	}
}

void file_bytes_free(struct file_bytes *bytes)
{
	free(bytes->p);
	*bytes = (struct file_bytes){0};
}

static bool reserve(struct file_bytes *b, size_t want, struct file_error *error)
{
	if (b->cap >= want)
		return true;
	/* The old bytes are only worth a copy while one file is being read. */
	if (b->n == 0) {
		free(b->p);
		b->p = NULL;
		b->cap = 0;
	}
	char *p = realloc(b->p, want);
	if (!p)
		return fail(error, "cannot be read: out of memory");
	b->p = p;
	b->cap = want;
	return true;
}

static bool read_all(int fd, size_t expected, size_t limit, struct file_bytes *into, struct file_error *error)
{
	into->n = 0;
	if (!reserve(into, expected ? expected + 1 : 65536, error))
		return false;
	for (;;) {
		if (into->n == into->cap && !reserve(into, into->cap * 2, error))
			return false;
		ssize_t got = read(fd, into->p + into->n, into->cap - into->n);
		if (got < 0 && errno == EINTR)
			continue;
		if (got < 0)
			return fail_errno(error, "cannot be read");
		into->n += (size_t)got;
		if (into->n > limit)
			return fail(error, "is larger than %zu bytes, the most that is read", limit);
		/* One byte more than expected was asked for: a short answer is the end. */
		if (got == 0 || (expected && into->n == expected))
			return true;
	}
}

bool file_read_fd(int fd, size_t limit, bool any, struct file_bytes *into, struct file_id *id,
		  struct file_error *error)
{
	struct stat st;
	*error = (struct file_error){0};
	if (fstat(fd, &st) != 0)
		return fail_errno(error, "cannot be read");
	if (S_ISDIR(st.st_mode) || (!any && !S_ISREG(st.st_mode)))
		return fail(error, "is %s, not a file", kind_of(st.st_mode));
	if (S_ISREG(st.st_mode) && (uint64_t)st.st_size > limit)
		return fail(error, "is larger than %zu bytes, the most that is read", limit);
	if (id)
		*id = id_of(&st);
	return read_all(fd, S_ISREG(st.st_mode) && !any ? (size_t)st.st_size : 0, limit, into, error);
}

bool file_read(const char *path, size_t limit, struct file_bytes *into, struct file_id *id, struct file_error *error)
{
	*error = (struct file_error){0};
	int fd = open(path, O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
	if (fd < 0)
		return fail_errno(error, "cannot be opened");
	bool ok = file_read_fd(fd, limit, false, into, id, error);
	close(fd);
	return ok;
}

static void random_name(char *name)
{
	static const char letters[] = "abcdefghijklmnopqrstuvwxyz0123456789";
	unsigned char bytes[RANDOM];
	if (getrandom(bytes, sizeof bytes, GRND_NONBLOCK) != sizeof bytes)
		for (size_t i = 0; i < sizeof bytes; i++)
			bytes[i] = (unsigned char)((unsigned)getpid() >> i);
	memcpy(name, prefix, PREFIX);
	for (size_t i = 0; i < RANDOM; i++)
		name[PREFIX + i] = letters[bytes[i] % (sizeof letters - 1)];
	name[PREFIX + RANDOM] = 0;
}

static bool create_temporary(struct file_replacement *r, struct file_error *error)
{
	for (int i = 0; i < ATTEMPTS; i++) {
		random_name(r->name);
		int fd = openat(r->directory, r->name, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
		if (fd >= 0) {
			r->temporary = fd;
			flock(fd, LOCK_EX | LOCK_NB); /* says to file_sweep() that somebody is at work */
			return true;
		}
		if (errno != EEXIST)
			break;
	}
	return fail_errno(error, "cannot be replaced: no file can be made beside it");
}

static bool write_all(int fd, struct str bytes, struct file_error *error)
{
	while (bytes.n > 0) {
		ssize_t put = write(fd, bytes.p, bytes.n < 1 << 30 ? bytes.n : 1 << 30);
		if (put < 0 && errno == EINTR)
			continue;
		if (put < 0)
			return fail_errno(error, "cannot be written");
		bytes = str_sub(bytes, (size_t)put, bytes.n);
	}
	return true;
}

/* Access lists, labels and the user's own attributes. One that cannot be kept is not worth a refusal, but for an
   access list, since the mode alone may say more than it did. */
static bool copy_attributes(int from, int to, struct file_error *error)
{
	char names[4096], value[65536];
	ssize_t size = flistxattr(from, names, sizeof names);
	for (ssize_t at = 0; at < size; at += (ssize_t)strlen(names + at) + 1) {
		ssize_t n = fgetxattr(from, names + at, value, sizeof value);
		if (n >= 0 && fsetxattr(to, names + at, value, (size_t)n, 0) == 0)
			continue;
		if (strcmp(names + at, "system.posix_acl_access") == 0)
			return fail_errno(error, "cannot be replaced: its access list cannot be kept");
	}
	return true;
}

static bool same_owner_and_mode(struct file_replacement *r, int original, const struct stat *was,
				struct file_error *error)
{
	struct stat now;
	if (fstat(r->temporary, &now) != 0)
		return fail_errno(error, "cannot be replaced");
	if ((now.st_uid != was->st_uid || now.st_gid != was->st_gid) &&
	    fchown(r->temporary, was->st_uid, was->st_gid) != 0)
		return fail_errno(error, "cannot be replaced: its owner cannot be kept");
	if (fchmod(r->temporary, was->st_mode & 07777) != 0)
		return fail_errno(error, "cannot be replaced: its mode cannot be kept");
	return copy_attributes(original, r->temporary, error);
}

static bool still_the_same(const struct file_replacement *r, struct file_error *error)
{
	struct stat st;
	if (fstatat(r->directory, r->base, &st, AT_SYMLINK_NOFOLLOW) == 0) {
		struct file_id now = id_of(&st);
		if (id_same(&now, &r->was))
			return true;
	}
	error->changed = true;
	return fail(error, "was changed by someone else meanwhile; nothing was written");
}

/* `path`, which is given over, has a slash. */
static bool open_directory(struct file_replacement *r, char *path, struct file_error *error)
{
	r->path = path;
	if (!r->path)
		return fail_errno(error, "cannot be replaced");
	char *slash = strrchr(r->path, '/');
	*slash = 0;
	r->base = slash + 1;
	r->directory = open(r->path[0] ? r->path : "/", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (r->directory < 0)
		return fail_errno(error, "cannot be replaced");
	return true;
}

static bool stage(struct file_replacement *r, const char *path, struct str bytes, bool break_links,
		  struct file_error *error)
{
	struct stat st;
	if (!open_directory(r, realpath(path, NULL), error) || !still_the_same(r, error))
		return false;
	if (r->was.links > 1 && !break_links)
		return fail(error,
			    "has %u hard links, which replacing it would part; with --break-links it is done anyway",
			    r->was.links);
	if (faccessat(r->directory, r->base, W_OK, AT_EACCESS) != 0)
		return fail_errno(error, "cannot be written");
	int original = openat(r->directory, r->base, O_RDONLY | O_NONBLOCK | O_NOFOLLOW | O_CLOEXEC);
	if (original < 0)
		return fail_errno(error, "cannot be opened");
	bool ok = fstat(original, &st) == 0 || fail_errno(error, "cannot be read");
	ok = ok && create_temporary(r, error) && write_all(r->temporary, bytes, error) &&
	     same_owner_and_mode(r, original, &st, error);
	close(original);
	if (ok && fsync(r->temporary) != 0)
		ok = fail_errno(error, "cannot be written");
	return ok;
}

bool file_stage(struct file_replacement *r, const char *path, const struct file_id *was, struct str bytes,
		bool break_links, struct file_error *error)
{
	*error = (struct file_error){0};
	*r = (struct file_replacement){.directory = -1, .temporary = -1, .was = *was};
	if (stage(r, path, bytes, break_links, error))
		return true;
	file_discard(r);
	return false;
}

static void close_all(struct file_replacement *r)
{
	if (r->temporary >= 0)
		close(r->temporary);
	if (r->directory >= 0)
		close(r->directory);
	free(r->path);
	*r = (struct file_replacement){.directory = -1, .temporary = -1};
}

void file_discard(struct file_replacement *r)
{
	if (r->temporary >= 0)
		unlinkat(r->directory, r->name, 0);
	close_all(r);
}

bool file_commit(struct file_replacement *r, struct file_error *error)
{
	*error = (struct file_error){0};
	if (!still_the_same(r, error)) {
		file_discard(r);
		return false;
	}
	if (renameat(r->directory, r->name, r->directory, r->base) != 0) {
		fail_errno(error, "cannot be replaced");
		file_discard(r);
		return false;
	}
	fsync(r->directory); /* some file systems know no such thing; the file itself is safe */
	close_all(r);
	return true;
}

/* A name with a slash for a file that is not there yet. */
static char *with_directory(const char *path)
{
	char *name = NULL;
	if (strchr(path, '/'))
		return strdup(path);
	return asprintf(&name, "./%s", path) < 0 ? NULL : name;
}

/* Makes the temporary file of an output; false where it has to be written directly. */
static bool stage_output(struct file_replacement *r, const char *path)
{
	struct stat st;
	struct file_error ignored;
	bool exists = stat(path, &st) == 0;
	mode_t mode = umask(0);
	umask(mode);
	mode = 0666 & ~mode;
	if (exists) {
		if (!S_ISREG(st.st_mode) || st.st_nlink > 1 || st.st_uid != geteuid() || access(path, W_OK) != 0)
			return false;
		mode = st.st_mode & 07777;
	} else if (errno != ENOENT || lstat(path, &st) == 0) {
		return false; /* a link to nothing makes what it points to */
	}
	char *name = exists ? realpath(path, NULL) : with_directory(path);
	if (open_directory(r, name, &ignored) && create_temporary(r, &ignored) && fchmod(r->temporary, mode) == 0)
		return true;
	file_discard(r);
	return false;
}

bool file_output_open(struct file_output *o, const char *path, struct file_error *error)
{
	*error = (struct file_error){0};
	*o = (struct file_output){.replacement = {.directory = -1, .temporary = -1}};
	if (stage_output(&o->replacement, path)) {
		int fd = fcntl(o->replacement.temporary, F_DUPFD_CLOEXEC, 0);
		o->stream = fd < 0 ? NULL : fdopen(fd, "w");
		if (!o->stream && fd >= 0)
			close(fd);
	} else {
		o->stream = fopen(path, "we");
	}
	if (o->stream)
		return true;
	fail_errno(error, "cannot be written");
	file_discard(&o->replacement);
	return false;
}

void file_output_drop(struct file_output *o)
{
	fclose(o->stream);
	file_discard(&o->replacement);
}

bool file_output_close(struct file_output *o, struct file_error *error)
{
	struct file_replacement *r = &o->replacement;
	*error = (struct file_error){0};
	bool ok = fflush(o->stream) == 0 && !ferror(o->stream);
	if (ok && r->temporary >= 0)
		ok = fsync(r->temporary) == 0 && renameat(r->directory, r->name, r->directory, r->base) == 0;
	if (!ok)
		fail_errno(error, "cannot be written");
	fclose(o->stream);
	if (ok)
		close_all(r);
	else
		file_discard(r);
	return ok;
}

bool file_is_temporary(struct str name)
{
	if (name.n != PREFIX + RANDOM || memcmp(name.p, prefix, PREFIX) != 0)
		return false;
	for (size_t i = PREFIX; i < name.n; i++)
		if (!ascii_digit(name.p[i]) && !(name.p[i] >= 'a' && name.p[i] <= 'z'))
			return false;
	return true;
}

void file_sweep(const char *path)
{
	struct stat st;
	int fd = open(path, O_RDONLY | O_NONBLOCK | O_NOFOLLOW | O_CLOEXEC);
	if (fd < 0)
		return;
	if (fstat(fd, &st) == 0 && S_ISREG(st.st_mode) && (st.st_uid == geteuid() || geteuid() == 0) &&
	    flock(fd, LOCK_EX | LOCK_NB) == 0)
		unlink(path);
	close(fd);
}
