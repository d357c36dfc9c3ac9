#include "base/path.h"

#include "base/buf.h"

/* Appends the components of `path` to the normalised text in `b`. */
static void add_components(struct buf *b, bool absolute, struct str path)
{
	struct str component;
	while (str_split(&path, '/', &component)) {
		if (component.n == 0 || str_eq(component, STR(".")))
			continue;
		struct str so_far = buf_str(b);
		struct str last = path_last(so_far);
		if (str_eq(component, STR(".."))) {
			if (so_far.n > (size_t)absolute && !str_eq(last, STR(".."))) {
				size_t slash = str_find_last_char(so_far, '/');
				b->n = slash == STR_NONE ? 0 : slash;
				if (absolute && b->n == 0)
					buf_char(b, '/');
				continue;
			}
			if (absolute)
				continue;
		}
		if (b->n > 0 && b->p[b->n - 1] != '/')
			buf_char(b, '/');
		buf_add(b, component);
	}
}

struct str path_join(struct arena *a, struct str dir, struct str path)
{
	struct buf b = buf_new(a);
	bool own_root = path.n > 0 && path.p[0] == '/';
	bool absolute = own_root || (dir.n > 0 && dir.p[0] == '/');
	if (absolute)
		buf_char(&b, '/');
	if (!own_root)
		add_components(&b, absolute, dir);
	add_components(&b, absolute, path);
	if (b.n == 0)
		buf_char(&b, '.');
	return buf_str(&b);
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
