#include "golden.h"

#include <sys/stat.h>

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

unroot_provider context_provider(struct context *c)
{
	return (unroot_provider){
		.ctx = c, .stat = context_stat, .read = context_read, .done = context_done, .context = "."};
}
