#include "golden.h"

#include <sys/stat.h>

#include "project/yaml_nodes.h"

enum { UNKNOWN, ABSENT, A_FILE, A_DIRECTORY };

static const unroot_file *changed_file(const struct context *c, const char *path)
{
	for (size_t i = 0; i < c->nchanged; i++)
		if (strcmp(c->changed[i].path, path) == 0)
			return &c->changed[i];
	return NULL;
}

static int context_stat(void *ctx, const char *path, unsigned *mode)
{
	struct context *c = ctx;
	struct stat st;
	if (str_starts(str_of(path), STR("..")))
		return ABSENT;
	if (stat(arena_printf(c->arena, "%s/%s", c->root, path).p, &st) != 0)
		return ABSENT;
	*mode = st.st_mode & 07777u;
	return S_ISDIR(st.st_mode) ? A_DIRECTORY : A_FILE;
}

static int context_read(void *ctx, const char *path, const char **bytes, size_t *length)
{
	struct context *c = ctx;
	unsigned mode;
	int kind = context_stat(ctx, path, &mode);
	if (kind != A_FILE)
		return kind;
	const unroot_file *changed = changed_file(c, path);
	struct str text = changed ? (struct str){changed->fixed, changed->fixed_length}
				  : file_bytes(c->arena, arena_printf(c->arena, "%s/%s", c->root, path).p);
	*bytes = text.p;
	*length = text.n;
	return A_FILE;
}

static void context_done(void *ctx, const char *bytes)
{
	(void)ctx;
	(void)bytes; /* the arena's */
}

static const char *const *context_list(void *ctx, const char *path)
{
	struct context *c = ctx;
	struct paths names = {0};
	const char *directory = arena_printf(c->arena, "%s/%s", c->root, path).p;
	if (!path_exists(arena_printf(c->arena, "%s/.", directory).p))
		return NULL;
	names_in(c->arena, directory, &names);
	for (size_t i = 0; i < names.n; i++)
		if (path_exists(arena_printf(c->arena, "%s/%s/.", directory, names.at[i]).p))
			names.at[i] = arena_printf(c->arena, "%s/", names.at[i]).p;
	*VEC_PUSH(c->arena, names) = NULL;
	return names.at;
}

static const char *const *context_consumers(void *ctx, const char **directory)
{
	struct context *c = ctx;
	struct paths paths = {0};
	paths_below(c->arena, c->root, "ml", &paths); /* .yml and .yaml */
	for (size_t i = 0; i < paths.n; i++)
		paths.at[i] += strlen(c->root) + 1;
	*VEC_PUSH(c->arena, paths) = NULL;
	*directory = "";
	return paths.at;
}

static const char *const *context_dockerfiles(void *ctx)
{
	struct context *c = ctx;
	struct paths paths = {0};
	paths_below(c->arena, c->root, "Dockerfile", &paths);
	for (size_t i = 0; i < paths.n; i++)
		paths.at[i] += strlen(c->root) + 1;
	*VEC_PUSH(c->arena, paths) = NULL;
	return paths.at;
}

static int context_yaml(void *ctx, const char *bytes, size_t length, const unroot_yaml_node **nodes, size_t *count,
			unroot_error *error)
{
	struct context *c = ctx;
	return yaml_nodes(c->arena, (struct str){bytes, length}, nodes, count, error);
}

unroot_provider context_provider(struct context *c)
{
	return (unroot_provider){.ctx = c,
				 .stat = context_stat,
				 .read = context_read,
				 .done = context_done,
				 .context = ".",
				 .list = context_list,
				 .consumers = context_consumers,
				 .yaml = context_yaml,
				 .dockerfiles = context_dockerfiles};
}
