#define _GNU_SOURCE
#include "cli/provider.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/openat2.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/path.h"

enum { UNKNOWN, NO, FILE_THERE, DIRECTORY_THERE }; /* the answers of unroot_provider */
enum { LARGEST = 1 << 20 };

void provider_init(struct provider_files *p, const char *context_option)
{
	*p = (struct provider_files){.context_option = context_option};
	arena_init(&p->arena, NULL, 4096);
}

void provider_free(struct provider_files *p)
{
	arena_free(&p->arena);
}

/* The way from one absolute path to another. */
static const char *way(struct arena *a, struct str from, struct str to)
{
	const char *up = "";
	while (!path_within(to, from)) {
		up = location_join(a, str_of(up), STR("..")).p;
		from = path_parent(from);
	}
	if (to.n == from.n)
		return *up ? up : ".";
	return location_join(a, str_of(up), str_sub(to, from.n > 1 ? from.n + 1 : from.n, to.n)).p;
}

static void find_location(struct provider_files *p)
{
	if (p->located)
		return;
	p->located = true;
	p->location = location_of(&p->arena, arena_str(&p->arena, p->directory).p);
}

static void find_context(struct provider_files *p)
{
	char *real = realpath(p->context_option, NULL);
	find_location(p);
	if (real && p->location.directory.n) {
		p->context = arena_str(&p->arena, str_of(real));
		p->context_path = way(&p->arena, p->location.directory, p->context);
	}
	free(real);
}

/* Opens `path` below `root`; symbolic links are followed only as long as they stay there. */
static int open_beneath(struct str root, struct str path, int flags, struct arena *a)
{
	struct open_how how = {.resolve = RESOLVE_BENEATH | RESOLVE_NO_MAGICLINKS};
	how.flags = (unsigned)(flags | O_CLOEXEC);
	int top = open(arena_str(a, root).p, O_PATH | O_DIRECTORY | O_CLOEXEC);
	if (top < 0)
		return -1;
	const char *below = path.n ? arena_str(a, path).p : ".";
	int fd = (int)syscall(SYS_openat2, top, below, &how, sizeof how);
	if (fd >= 0 || (errno != ENOSYS && errno != EPERM)) {
		int code = errno;
		close(top);
		errno = code;
		return fd;
	}
	/* Without openat2 (an old kernel, a sandbox) no link is followed at all. */
	struct str component;
	while (top >= 0 && str_split(&path, '/', &component)) {
		int how_far = path.p ? O_PATH | O_DIRECTORY : flags;
		const char *name = component.n ? arena_str(a, component).p : ".";
		fd = openat(top, name, how_far | O_NOFOLLOW | O_CLOEXEC);
		int code = errno;
		close(top);
		errno = code;
		top = fd;
	}
	return fd;
}

/* Opens what the engine calls `path`, seen from the Dockerfile's directory. */
static int open_asked(struct provider_files *p, const char *path, int flags, bool *outside)
{
	struct arena *a = &p->arena;
	find_location(p);
	struct str full = path_join(a, p->location.directory, str_of(path));
	struct str roots[] = {p->location.directory, p->location.repository, p->context};
	*outside = true;
	errno = ENOENT;
	for (size_t i = 0; i < sizeof roots / sizeof *roots; i++) {
		struct str root = roots[i];
		if (root.n == 0 || !path_within(full, root))
			continue;
		*outside = false;
		size_t skip = root.n > 1 && full.n > root.n ? root.n + 1 : root.n;
		int fd = open_beneath(root, str_sub(full, skip, full.n), flags, a);
		/* A link out of the Dockerfile's directory may still be inside the repository. */
		if (fd >= 0 || (errno != EXDEV && errno != ELOOP))
			return fd;
	}
	return -1;
}

static int answer_failure(const struct provider_files *p, bool outside)
{
	if (p->location.directory.n == 0)
		return UNKNOWN; /* standard input with the name of a place that does not exist */
	return outside || errno == ENOENT || errno == ENOTDIR ? NO : UNKNOWN;
}

static int stat_asked(struct provider_files *p, const char *path, unsigned *mode)
{
	struct stat st;
	bool outside;
	find_location(p);
	struct arena_mark mark = arena_mark(&p->arena);
	int fd = open_asked(p, path, O_PATH, &outside);
	int answer = fd < 0 ? answer_failure(p, outside) : UNKNOWN;
	if (fd >= 0 && fstat(fd, &st) == 0) {
		*mode = st.st_mode & 07777;
		answer = S_ISREG(st.st_mode) ? FILE_THERE : S_ISDIR(st.st_mode) ? DIRECTORY_THERE : UNKNOWN;
	}
	if (fd >= 0)
		close(fd);
	arena_rewind(&p->arena, mark);
	return answer;
}

static int read_asked(struct provider_files *p, const char *path, struct file_bytes *content)
{
	struct file_error error;
	struct stat st;
	bool outside;
	struct file_id *id = ARENA_NEW(&p->arena, struct file_id);
	void **slot = map_put(&p->arena, &p->read, arena_str(&p->arena, str_of(path)));
	int fd = open_asked(p, path, O_RDONLY | O_NONBLOCK | O_NOCTTY, &outside);
	if (fd < 0)
		return answer_failure(p, outside);
	int answer = fstat(fd, &st) == 0 && S_ISDIR(st.st_mode) ? DIRECTORY_THERE : UNKNOWN;
	if (file_read_fd(fd, LARGEST, false, content, id, &error)) {
		*slot = id;
		answer = FILE_THERE;
	}
	close(fd);
	return answer;
}

/* The engine is on the stack between here and the command: running out of memory ends here. */
static int provide_stat(void *ctx, const char *path, unsigned *mode)
{
	struct provider_files *p = ctx;
	jmp_buf *armed = p->arena.out_of_memory, here;
	arena_arm(&p->arena, &here);
	int answer = setjmp(here) == 0 ? stat_asked(p, path, mode) : UNKNOWN;
	arena_arm(&p->arena, armed);
	return answer;
}

static int provide_read(void *ctx, const char *path, const char **bytes, size_t *length)
{
	struct provider_files *p = ctx;
	struct file_bytes content = {0};
	jmp_buf *armed = p->arena.out_of_memory, here;
	arena_arm(&p->arena, &here);
	int answer = setjmp(here) == 0 ? read_asked(p, path, &content) : UNKNOWN;
	arena_arm(&p->arena, armed);
	if (answer == FILE_THERE) {
		*bytes = content.p;
		*length = content.n;
	} else {
		file_bytes_free(&content);
	}
	return answer;
}

static void provide_done(void *ctx, const char *bytes)
{
	(void)ctx;
	free((void *)(uintptr_t)bytes);
}

void provider_open(struct provider_files *p, const char *path, unroot_provider *out)
{
	struct str directory = directory_of(str_of(path));
	if (!p->directory.p || !str_eq(directory, p->directory)) {
		jmp_buf *armed = p->arena.out_of_memory;
		arena_reset(&p->arena);
		*p = (struct provider_files){.arena = p->arena, .context_option = p->context_option};
		p->arena.out_of_memory = armed;
		p->directory = arena_str(&p->arena, directory);
	}
	p->read = (struct map){0};
	if (p->context_option && !p->context_path)
		find_context(p);
	*out = (unroot_provider){.ctx = p,
				 .stat = provide_stat,
				 .read = provide_read,
				 .done = provide_done,
				 .context = p->context_path};
}

const char *provider_path(struct provider_files *p, const char *path)
{
	return location_join(&p->arena, p->directory, str_of(path)).p;
}

const struct file_id *provider_id(const struct provider_files *p, const char *path)
{
	return map_get(&p->read, str_of(path));
}
