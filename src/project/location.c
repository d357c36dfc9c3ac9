#define _GNU_SOURCE
#include "project/location.h"

#include <errno.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/path.h"

struct str directory_of(struct str path)
{
	size_t slash = str_find_last_char(path, '/');
	if (slash == STR_NONE)
		return STR("");
	return slash == 0 ? STR("/") : str_sub(path, 0, slash);
}

struct str location_join(struct arena *a, struct str directory, struct str name)
{
	bool slash = directory.n > 0 && !str_ends(directory, STR("/"));
	size_t n = directory.n + slash + name.n;
	char *path = arena_alloc(a, n + 1);
	if (directory.n)
		memcpy(path, directory.p, directory.n);
	if (slash)
		path[directory.n] = '/';
	if (name.n)
		memcpy(path + directory.n + slash, name.p, name.n);
	return (struct str){path, n};
}

bool location_holds(struct arena *a, struct str directory, const char *name)
{
	return access(location_join(a, directory, str_of(name)).p, F_OK) == 0;
}

struct location location_of(struct arena *a, const char *directory)
{
	struct location location = {0};
	char *real = realpath(*directory ? directory : ".", NULL);
	if (!real)
		return location;
	location.directory = arena_str(a, str_of(real));
	free(real);
	for (struct str at = location.directory;; at = path_parent(at)) {
		if (location_holds(a, at, ".git")) {
			location.repository = arena_str(a, at);
			return location;
		}
		if (at.n <= 1)
			return location;
	}
}

bool location_below(struct arena *a, const struct location *above, const char *path, struct str name, bool may_be_top,
		    struct location *out)
{
	char link;
	if (above->directory.n == 0 || name.n == 0 || str_eq(name, STR(".")) || str_eq(name, STR("..")))
		return false;
	if (path && (readlink(path, &link, 1) >= 0 || errno != EINVAL))
		return false;
	out->directory = location_join(a, above->directory, name);
	bool top = may_be_top && location_holds(a, out->directory, ".git");
	out->repository = top ? out->directory : above->repository;
	return true;
}
