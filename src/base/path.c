#include "base/path.h"

/* A normalised path that grows; there is room for all that is added. */
struct joined {
	char *p;
	size_t n;
	bool absolute;
};

/* Takes the last component away again. False when there is none that could be left. */
static bool climb(struct joined *j)
{
	struct str so_far = {j->p, j->n};
	if (j->n <= (size_t)j->absolute)
		return j->absolute;
	if (str_eq(path_last(so_far), STR("..")))
		return false;
	size_t slash = str_find_last_char(so_far, '/');
	j->n = slash == STR_NONE ? 0 : slash;
	if (j->absolute && j->n == 0)
		j->n = 1;
	return true;
}

/* Whether nothing has to be left out: no "//", no slash at the end, no component that begins with a dot. */
static bool is_tidy(struct str path)
{
	if (path.n == 0 || path.p[0] == '.' || path.p[0] == '/' || path.p[path.n - 1] == '/')
		return false;
	for (size_t i = 0; i + 1 < path.n; i++)
		if (path.p[i] == '/' && (path.p[i + 1] == '.' || path.p[i + 1] == '/'))
			return false;
	return true;
}

static void add_bytes(struct joined *j, struct str bytes)
{
	if (j->n > 0 && j->p[j->n - 1] != '/')
		j->p[j->n++] = '/';
	memcpy(j->p + j->n, bytes.p, bytes.n);
	j->n += bytes.n;
}

static void add_components(struct joined *j, struct str path)
{
	size_t from = path.n && path.p[0] == '/';
	for (; path.n - from > 3 && memcmp(path.p + from, "../", 3) == 0; from += 3)
		if (!climb(j))
			add_bytes(j, STR(".."));
	struct str rest = str_sub(path, from, path.n);
	if (is_tidy(rest)) {
		add_bytes(j, rest);
		return;
	}
	for (size_t to; from < path.n; from = to + 1) {
		for (to = from; to < path.n && path.p[to] != '/'; to++)
			;
		size_t n = to - from;
		bool dots = n > 0 && n <= 2 && path.p[from] == '.' && path.p[to - 1] == '.';
		if (n == 0 || (dots && (n == 1 || climb(j))))
			continue;
		add_bytes(j, str_sub(path, from, to));
	}
}

struct str path_join(struct arena *a, struct str dir, struct str path)
{
	bool own_root = path.n > 0 && path.p[0] == '/';
	struct joined j = {.absolute = own_root || (dir.n > 0 && dir.p[0] == '/')};
	j.p = arena_resize(a, NULL, 0, (own_root ? 0 : dir.n + 1) + path.n + 2);
	if (j.absolute)
		j.p[j.n++] = '/';
	if (!own_root)
		add_components(&j, dir);
	add_components(&j, path);
	if (j.n == 0)
		j.p[j.n++] = '.';
	j.p[j.n] = '\0';
	return (struct str){j.p, j.n};
}

bool path_within(struct str path, struct str dir)
{
	if (str_eq(dir, STR("/")))
		return path.n > 0 && path.p[0] == '/';
	return str_starts(path, dir) && (path.n == dir.n || path.p[dir.n] == '/');
}

struct str path_parent(struct str path)
{
	size_t slash = str_find_last_char(path, '/');
	if (slash == STR_NONE)
		return STR(".");
	return str_sub(path, 0, slash ? slash : 1);
}

struct str path_last(struct str path)
{
	size_t slash = str_find_last_char(path, '/');
	return slash == STR_NONE ? path : str_sub(path, slash + 1, path.n);
}

bool path_is_pattern(struct str path)
{
	return str_find_char(path, '*', 0) != STR_NONE || str_find_char(path, '?', 0) != STR_NONE ||
	       str_find_char(path, '[', 0) != STR_NONE;
}
