#define _GNU_SOURCE
#include "cli/place.h"

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

struct str place_join(struct arena *a, struct str directory, struct str name)
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

bool place_holds(struct arena *a, struct str directory, const char *name)
{
	return access(place_join(a, directory, str_of(name)).p, F_OK) == 0;
}

struct place place_of(struct arena *a, const char *directory)
{
	struct place place = {0};
	char *real = realpath(*directory ? directory : ".", NULL);
	if (!real)
		return place;
	place.directory = arena_str(a, str_of(real));
	free(real);
	for (struct str at = place.directory;; at = path_parent(at)) {
		if (place_holds(a, at, ".git")) {
			place.repository = arena_str(a, at);
			return place;
		}
		if (at.n <= 1)
			return place;
	}
}
