#define _GNU_SOURCE
#include "project/provider.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/openat2.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/path.h"
#include "project/consumers.h"
#include "project/walk_name.h"
#include "project/yaml_nodes.h"

enum { UNKNOWN, NO, FILE_THERE, DIRECTORY_THERE }; /* the answers of unroot_provider */
enum { LARGEST = 1 << 20 };

void provider_init(struct provider_files *p, const char *context_option)
{
	*p = (struct provider_files){.context_option = context_option, .opened = -1};
	arena_init(&p->arena, NULL, 4096);
	arena_init(&p->scratch, NULL, 4096);
	arena_init(&p->answer, NULL, 4096);
	arena_init(&p->tree, NULL, 4096);
	arena_init(&p->around, NULL, 4096);
}

void provider_free(struct provider_files *p)
{
	if (p->opened >= 0)
		close(p->opened);
	arena_free(&p->arena);
	arena_free(&p->scratch);
	arena_free(&p->answer);
	arena_free(&p->tree);
	arena_free(&p->around);
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

static void find_above(struct provider_files *p, struct str above)
{
	if (p->above.p && str_eq(p->above, above))
		return;
	p->above = (struct str){NULL, 0};
	arena_reset(&p->around);
	arena_arm(&p->around, p->arena.out_of_memory);
	p->above_location = location_of(&p->around, arena_str(&p->around, above).p);
	p->above = arena_str(&p->around, above);
}

/* Opens the Dockerfile's directory and lists it, where all names have room; one that may not be read can still be
   entered. */
static void open_directory(struct provider_files *p)
{
	const char *path = p->directory.n ? p->directory.p : ".";
	if (p->opened >= 0)
		return;
	p->opened = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (p->opened < 0) {
		p->opened = open(path, O_PATH | O_DIRECTORY | O_CLOEXEC);
		return;
	}
	struct dirent64 more;
	ssize_t listed = p->listing.entries ? 0 : getdents64(p->opened, p->buffer, sizeof p->buffer);
	if (listed > 0 && getdents64(p->opened, &more, sizeof more) == 0)
		p->listing = (struct listing){p->buffer, (size_t)listed, false};
}

/* Calls for the names of the directory in turn, where it is listed. */
static bool next_name(const struct provider_files *p, size_t *at, struct str *name)
{
	if (*at >= p->listing.bytes)
		return false;
	const struct dirent64 *entry = (const void *)((const char *)p->listing.entries + *at);
	*name = str_of(entry->d_name);
	*at += entry->d_reclen;
	return true;
}

/* Whether `path`, which begins in the directory, can lead anywhere: most of what is asked for is not there. */
static bool may_be_there(struct provider_files *p, struct str path)
{
	struct str first, name;
	str_split(&path, '/', &first);
	if (!p->listing.entries)
		open_directory(p);
	if (!p->listing.entries || str_eq(first, STR(".")))
		return true;
	for (size_t at = 0; next_name(p, &at, &name);)
		if (str_eq(name, first))
			return true;
	return false;
}

static void find_location(struct provider_files *p)
{
	if (p->located)
		return;
	p->located = true;
	find_above(p, directory_of(p->directory));
	if (!location_below(&p->arena, &p->above_location, p->listing.entered ? NULL : p->directory.p,
			    path_last(p->directory), may_be_there(p, STR(".git")), &p->location))
		p->location = location_of(&p->arena, p->directory.p);
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

/* Without openat2 (an old kernel, a sandbox) no link is followed at all. */
static int open_step_by_step(struct arena *a, int top, struct str path, int flags)
{
	struct str component;
	int fd = -1, at = top;
	while (str_split(&path, '/', &component)) {
		int how = path.p ? O_PATH | O_DIRECTORY : flags;
		const char *name = component.n ? arena_str(a, component).p : ".";
		fd = openat(at, name, how | O_NOFOLLOW | O_CLOEXEC);
		int code = errno;
		if (at != top)
			close(at);
		errno = code;
		if (fd < 0)
			break;
		at = fd;
	}
	return fd;
}

/* Opens `path` below the directory `top`; symbolic links are followed only as long as they stay there. */
static int open_beneath(struct arena *a, int top, struct str path, int flags)
{
	struct open_how how = {.resolve = RESOLVE_BENEATH | RESOLVE_NO_MAGICLINKS};
	how.flags = (unsigned)(flags | O_CLOEXEC);
	int fd = (int)syscall(SYS_openat2, top, path.n ? arena_str(a, path).p : ".", &how, sizeof how);
	if (fd >= 0 || (errno != ENOSYS && errno != EPERM))
		return fd;
	return open_step_by_step(a, top, path, flags);
}

static bool leads_out(int code)
{
	return code == EXDEV || code == ELOOP;
}

/* The same below any of the directories that may be looked at. `full` is absolute. */
static int open_somewhere(struct provider_files *p, struct str full, int flags, bool *outside)
{
	struct str roots[] = {p->location.directory, p->location.repository, p->context};
	for (size_t i = 0; i < sizeof roots / sizeof *roots; i++) {
		struct str root = roots[i];
		if (root.n == 0 || !path_within(full, root))
			continue;
		*outside = false;
		int top = open(arena_str(&p->scratch, root).p, O_PATH | O_DIRECTORY | O_CLOEXEC);
		if (top < 0)
			return -1;
		size_t skip = root.n > 1 && full.n > root.n ? root.n + 1 : root.n;
		int fd = open_beneath(&p->scratch, top, str_sub(full, skip, full.n), flags), code = errno;
		close(top);
		errno = code;
		if (fd >= 0 || !leads_out(code))
			return fd;
	}
	return -1;
}

static bool climbs(struct str path)
{
	return str_eq(path, STR("..")) || str_starts(path, STR("../"));
}

/* Whether a path that climbs may end where something can be seen: above, or in the directory again. */
static bool may_be_seen(const struct provider_files *p, struct str path)
{
	struct str directory = p->location.directory, name = directory;
	if (p->location.repository.n || p->context.n || !climbs(path))
		return true;
	for (; str_starts(path, STR("../")); path = str_sub(path, 3, path.n)) {
		name = path_last(directory);
		directory = path_parent(directory);
	}
	return path_within(path, name);
}

/* Opens what the engine calls `path`, seen from the Dockerfile's directory. */
static int open_asked(struct provider_files *p, const char *path, int flags, bool *outside)
{
	struct str asked = str_of(path);
	bool below = !climbs(asked) && *path != '/';
	*outside = false;
	errno = ENOENT;
	if (below && !may_be_there(p, asked))
		return -1;
	if (below || !p->listing.entries)
		open_directory(p);
	if (p->opened < 0 && (below || !p->listing.entries))
		return -1;
	if (below) {
		int fd = open_beneath(&p->scratch, p->opened, asked, flags);
		/* A link out of the Dockerfile's directory may still be inside the repository. */
		if (fd >= 0 || !leads_out(errno))
			return fd;
	}
	find_location(p);
	errno = EXDEV;
	*outside = !may_be_seen(p, asked);
	if (*outside)
		return -1;
	struct str full = path_join(&p->scratch, p->location.directory, asked);
	*outside = !path_within(full, p->location.directory);
	return open_somewhere(p, full, flags, outside);
}

static int answer_failure(const struct provider_files *p, bool outside)
{
	if (p->opened < 0 && !p->listing.entries)
		return UNKNOWN; /* standard input with the name of a place that does not exist */
	return outside || errno == ENOENT || errno == ENOTDIR ? NO : UNKNOWN;
}

static int kind_of(const struct stat *st, unsigned *mode)
{
	*mode = st->st_mode & 07777;
	return S_ISREG(st->st_mode) ? FILE_THERE : S_ISDIR(st->st_mode) ? DIRECTORY_THERE : UNKNOWN;
}

static int stat_asked(struct provider_files *p, const char *path, unsigned *mode)
{
	struct stat st;
	bool outside;
	if (strcmp(path, ".") == 0) /* what most Dockerfiles copy */
		return stat(p->directory.n ? p->directory.p : ".", &st) == 0 ? kind_of(&st, mode) : UNKNOWN;
	int fd = open_asked(p, path, O_PATH, &outside);
	if (fd < 0)
		return answer_failure(p, outside);
	int answer = fstat(fd, &st) == 0 ? kind_of(&st, mode) : UNKNOWN;
	close(fd);
	return answer;
}

/* An editor's text takes the place of the file's. */
static void take_unsaved(struct provider_files *p, const char *path, struct file_bytes *content)
{
	struct str text;
	if (!p->unsaved || !p->unsaved(p->unsaved_ctx, path_join(&p->scratch, p->directory, str_of(path)), &text))
		return;
	file_bytes_free(content);
	content->p = malloc(text.n + 1);
	if (!content->p)
		longjmp(*p->scratch.out_of_memory, 1);
	memcpy(content->p, text.p, text.n);
	content->p[text.n] = '\0';
	content->n = text.n;
	content->cap = text.n + 1;
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
	if (answer == FILE_THERE)
		take_unsaved(p, path, content);
	return answer;
}

static int by_name(const void *a, const void *b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

struct name_list {
	const char **at;
	size_t n, cap;
};

static bool is_directory(int directory, const struct dirent *entry)
{
	struct stat st;
	if (entry->d_type != DT_UNKNOWN && entry->d_type != DT_LNK)
		return entry->d_type == DT_DIR;
	return fstatat(directory, entry->d_name, &st, 0) == 0 && S_ISDIR(st.st_mode);
}

/* False where memory ran out: the stream has to be closed before that is passed on. */
static bool read_names(struct provider_files *p, DIR *open, struct name_list *names)
{
	jmp_buf *armed = p->answer.out_of_memory, here;
	bool failed = setjmp(here) != 0;
	if (!failed) {
		const struct dirent *entry;
		arena_arm(&p->answer, &here);
		while ((entry = readdir(open)))
			if (strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0)
				*VEC_PUSH(&p->answer, *names) =
					arena_printf(&p->answer, "%s%s", entry->d_name,
						     is_directory(dirfd(open), entry) ? "/" : "")
						.p;
	}
	arena_arm(&p->answer, armed);
	return !failed;
}

static const char *const *list_asked(struct provider_files *p, const char *path)
{
	struct name_list names = {0};
	bool outside;
	int fd = open_asked(p, path, O_RDONLY | O_DIRECTORY, &outside);
	DIR *open = fd < 0 ? NULL : fdopendir(fd);
	if (!open) {
		if (fd >= 0)
			close(fd);
		return NULL;
	}
	bool all = read_names(p, open, &names);
	closedir(open);
	if (!all)
		longjmp(*p->answer.out_of_memory, 1);
	if (names.n > 1)
		qsort(names.at, names.n, sizeof *names.at, by_name);
	*VEC_PUSH(&p->answer, names) = NULL;
	return names.at;
}

/* Without a repository only files beside the Dockerfile can be consumers, or be built upon it. */
static bool may_have_consumers(const struct provider_files *p)
{
	struct str name;
	if (p->location.repository.n || !p->listing.entries)
		return true;
	size_t dockerfiles = 0;
	for (size_t at = 0; next_name(p, &at, &name);) {
		dockerfiles += walk_is_dockerfile(name);
		if (walk_is_yaml(name) || dockerfiles > 1)
			return true;
	}
	return false;
}

/* The repository's top, once it was looked through; empty when it is not known where the Dockerfile is. */
static struct str look_through(struct provider_files *p)
{
	static const char *const nothing[] = {NULL};
	static const struct consumers_found none = {nothing, nothing};
	find_location(p);
	struct str here = p->location.directory, top = p->location.repository.n ? p->location.repository : here;
	if (here.n > 0 && !str_eq(p->tree_top, top)) {
		arena_reset(&p->tree);
		p->tree_top = STR("");
		p->found = may_have_consumers(p) ? consumers_find(&p->tree, &p->location) : none;
		p->tree_top = arena_str(&p->tree, top);
	}
	return here.n ? top : here;
}

/* The paths as the engine is told them. */
static const char *const *seen_from_here(struct provider_files *p, const char *const *files)
{
	VEC(const char *) paths = {0};
	for (const char *const *file = files; file && *file; file++)
		*VEC_PUSH(&p->answer, paths) = way(&p->answer, p->location.directory, str_of(*file));
	*VEC_PUSH(&p->answer, paths) = NULL;
	return files ? paths.at : NULL;
}

static const char *const *consumers_asked(struct provider_files *p, const char **directory)
{
	struct str top = look_through(p), here = p->location.directory;
	if (top.n == 0)
		return NULL;
	*directory = here.n > top.n ? arena_str(&p->answer, str_sub(here, top.n > 1 ? top.n + 1 : 1, here.n)).p : "";
	return seen_from_here(p, p->found.files);
}

static const char *const *dockerfiles_asked(struct provider_files *p)
{
	return look_through(p).n ? seen_from_here(p, p->found.dockerfiles) : NULL;
}

/* One question of the engine's. */
struct question {
	const char *path;
	unsigned *mode;
	struct file_bytes *content;
	const char **directory;
	const char *const *names; /* the answer of list, consumers and dockerfiles */
	struct str text;	  /* YAML */
	const unroot_yaml_node *nodes;
	size_t count;
	unroot_error *error;
};

typedef int ask(struct provider_files *p, struct question *q);

static int ask_stat(struct provider_files *p, struct question *q)
{
	return stat_asked(p, q->path, q->mode);
}

static int ask_read(struct provider_files *p, struct question *q)
{
	return read_asked(p, q->path, q->content);
}

static int ask_list(struct provider_files *p, struct question *q)
{
	q->names = list_asked(p, q->path);
	return 0;
}

static int ask_consumers(struct provider_files *p, struct question *q)
{
	q->names = consumers_asked(p, q->directory);
	return 0;
}

static int ask_dockerfiles(struct provider_files *p, struct question *q)
{
	q->names = dockerfiles_asked(p);
	return 0;
}

static int ask_yaml(struct provider_files *p, struct question *q)
{
	return yaml_nodes(&p->answer, q->text, &q->nodes, &q->count, q->error);
}

/* The engine is on the stack between here and the command: running out of memory ends here. */
static int guarded(struct provider_files *p, ask *asked, struct question *q, int otherwise)
{
	struct arena *arenas[] = {&p->arena, &p->scratch, &p->answer, &p->tree};
	jmp_buf *armed = p->arena.out_of_memory, here;
	int answer;
	arena_reset(&p->answer);
	for (size_t i = 0; i < sizeof arenas / sizeof *arenas; i++)
		arena_arm(arenas[i], &here);
	if (setjmp(here) == 0) {
		answer = asked(p, q);
	} else {
		*q = (struct question){0};
		answer = otherwise;
	}
	arena_arm(&p->arena, armed);
	arena_reset(&p->scratch);
	return answer;
}

/* Most of what is asked for is not there, as the directory's names show at once. */
static bool is_absent(struct provider_files *p, const char *path)
{
	return p->listing.entries && path[0] != '/' && !may_be_there(p, str_of(path));
}

static int provide_stat(void *ctx, const char *path, unsigned *mode)
{
	if (is_absent(ctx, path))
		return NO;
	struct question q = {.path = path, .mode = mode};
	return guarded(ctx, ask_stat, &q, UNKNOWN);
}

static int provide_read(void *ctx, const char *path, const char **bytes, size_t *length)
{
	if (is_absent(ctx, path))
		return NO;
	struct file_bytes content = {0};
	struct question q = {.path = path, .content = &content};
	int answer = guarded(ctx, ask_read, &q, UNKNOWN);
	if (answer == FILE_THERE) {
		*bytes = content.p;
		*length = content.n;
	} else {
		file_bytes_free(&content);
	}
	return answer;
}

static const char *const *provide_list(void *ctx, const char *path)
{
	struct question q = {.path = path};
	guarded(ctx, ask_list, &q, 0);
	return q.names;
}

static const char *const *provide_consumers(void *ctx, const char **directory)
{
	struct question q = {.directory = directory};
	guarded(ctx, ask_consumers, &q, 0);
	return q.names;
}

static const char *const *provide_dockerfiles(void *ctx)
{
	struct question q = {0};
	guarded(ctx, ask_dockerfiles, &q, 0);
	return q.names;
}

static int provide_yaml(void *ctx, const char *bytes, size_t length, const unroot_yaml_node **nodes, size_t *count,
			unroot_error *error)
{
	struct question q = {.text = {bytes, length}, .error = error};
	int code = guarded(ctx, ask_yaml, &q, UNROOT_ENOMEM);
	*nodes = q.nodes;
	*count = q.count;
	return code;
}

static void provide_done(void *ctx, const char *bytes)
{
	(void)ctx;
	free((void *)(uintptr_t)bytes);
}

void provider_open(struct provider_files *p, const char *path, const struct listing *beside, unroot_provider *out)
{
	struct str directory = directory_of(str_of(path));
	if (!p->directory.p || !str_eq(directory, p->directory)) {
		if (p->opened >= 0)
			close(p->opened);
		arena_reset(&p->arena);
		p->opened = -1;
		p->listing = (struct listing){0};
		p->located = false;
		p->context = (struct str){NULL, 0};
		p->context_path = NULL;
		p->directory = arena_str(&p->arena, directory);
	}
	if (beside && beside->entries)
		p->listing = *beside;
	p->read = (struct map){0};
	if (p->context_option && !p->context_path)
		find_context(p);
	*out = (unroot_provider){.ctx = p,
				 .stat = provide_stat,
				 .read = provide_read,
				 .done = provide_done,
				 .context = p->context_path,
				 .list = provide_list,
				 .consumers = provide_consumers,
				 .yaml = provide_yaml,
				 .dockerfiles = provide_dockerfiles};
}

const char *provider_path(struct provider_files *p, const char *path)
{
	return location_join(&p->arena, p->directory, str_of(path)).p;
}

const struct file_id *provider_id(const struct provider_files *p, const char *path)
{
	return map_get(&p->read, str_of(path));
}
