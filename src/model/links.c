/* Symbolic links that steps make. */
#include "base/path.h"
#include "model/facts.h"

enum { MAX_HOPS = 8 };

void facts_add_link(struct facts *f, struct str path, struct str target)
{
	struct str *kept = ARENA_NEW(f->arena, struct str);
	*kept = target.p ? arena_str(f->arena, path_join(f->scratch, path_parent(path), target)) : (struct str){NULL, 0};
	*map_put(f->arena, &f->links, arena_str(f->arena, path)) = kept;
}

void facts_drop_link(struct facts *f, struct str path)
{
	if (map_get(&f->links, path))
		*map_put(f->arena, &f->links, path) = NULL;
}

bool facts_is_link(const struct facts *f, struct str path)
{
	return f->links.n && map_get(&f->links, path);
}

struct str facts_follow(const struct facts *f, struct str path, bool last)
{
	for (int hops = 0; f->links.n && hops < MAX_HOPS; hops++) {
		const struct str *target = NULL;
		struct str dir = last ? path : path_parent(path);
		while (dir.n > 1 && !((target = map_get(&f->links, dir)) && target->p))
			dir = path_parent(dir);
		if (dir.n <= 1)
			break;
		struct str rest = str_sub(path, dir.n + (dir.n < path.n), path.n);
		if (target->n + rest.n > PATH_LONGEST)
			break;
		path = path_join(f->scratch, *target, rest);
	}
	return path;
}
