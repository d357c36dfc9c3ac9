/* Directories of configuration that are copied as a whole: which files they bring is asked of the build context. */
#include "base/path.h"
#include "plan/recipe.h"

/* "*.conf": the star stands for anything. A pattern with more than that matches everything, so that nothing is missed.
 */
static bool matches(struct str name, struct str pattern)
{
	size_t star = str_find_char(pattern, '*', 0);
	for (size_t i = 0; i < pattern.n; i++)
		if (pattern.p[i] == '?' || pattern.p[i] == '[' || (pattern.p[i] == '*' && i != star))
			return true;
	if (star == STR_NONE)
		return str_eq(name, pattern);
	return name.n + 1 >= pattern.n && str_starts(name, str_sub(pattern, 0, star)) &&
	       str_ends(name, str_sub(pattern, star + 1, pattern.n));
}

static bool is_directory(struct str name)
{
	return str_ends(name, STR("/"));
}

/* Adds the files of a directory of the context that are read below `in`. False when one of them is not known. */
static bool add_files(struct plan *p, struct recipe *r, struct str directory, struct str only,
		      const struct included *in)
{
	struct arena *a = p->f->arena;
	struct str_list names;
	if (workspace_stat(p->f->workspace, directory, NULL) == PROVIDED_NO)
		return true;
	if (!workspace_list(p->f->workspace, a, directory, &names))
		return false;
	for (size_t i = 0; i < names.n; i++) {
		struct str name = names.at[i], path = path_join(a, in->directory, name);
		if (only.n && is_directory(name) && matches(str_sub(name, 0, name.n - 1), only))
			return false; /* its files would come here */
		if (is_directory(name) || (only.n && !matches(name, only)) || !matches(name, in->pattern) ||
		    recipe_is_other(r, path))
			continue;
		recipe_replaces(p, r, path);
		if (!recipe_add_path(p, r, path))
			return false;
	}
	return true;
}

bool recipe_list(struct plan *p, struct recipe *r, const struct unlisted *u, const struct included *in)
{
	struct arena *a = p->f->arena;
	struct str context = facts_context_source(p->f, u->source);
	if (path_is_pattern(u->source)) {
		if (path_is_pattern(path_parent(context)) || !str_eq(u->dest, in->directory))
			return false;
		return add_files(p, r, path_parent(context), path_last(context), in);
	}
	if (!path_within(in->directory, u->dest))
		return false;
	struct str below = str_sub(in->directory, u->dest.n, in->directory.n);
	while (below.n && below.p[0] == '/')
		below = str_sub(below, 1, below.n);
	return add_files(p, r, path_join(a, context, below), STR(""), in);
}
