/* Which names a walk takes, and which directories it does not enter. */
#include "project/walk_name.h"

static bool one_of(struct str name, const char *const *words)
{
	for (; *words; words++)
		if (str_eq(name, str_of(*words)))
			return true;
	return false;
}

/* Templates have to be rendered first; documents and ignore files only share the name. */
static bool is_other(struct str name)
{
	static const char *const suffixes[] = {".dockerignore", ".j2",	     ".jinja", ".jinja2", ".tmpl",
					       ".tpl",		".template", ".in",    ".erb",	  ".md",
					       ".mustache",	".hbs",	     ".ejs",   NULL};
	for (const char *const *suffix = suffixes; *suffix; suffix++)
		if (str_ends(name, str_of(*suffix)))
			return true;
	return false;
}

bool walk_is_dockerfile(struct str name)
{
	static const char *const names[] = {"Dockerfile", "Containerfile", NULL};
	if (name.n < 10)
		return false; /* most names end here; "x.Dockerfile" is longer than the shortest name too */
	if (one_of(name, names))
		return true;
	bool like = str_starts(name, STR("Dockerfile.")) || str_starts(name, STR("Containerfile.")) ||
		    str_ends(name, STR(".Dockerfile")) || str_ends(name, STR(".dockerfile"));
	return like && !is_other(name);
}

bool walk_is_yaml(struct str name)
{
	return (str_ends(name, STR(".yml")) || str_ends(name, STR(".yaml"))) && name.p[0] != '.';
}

bool walk_is_compose(struct str name)
{
	bool like = str_starts(name, STR("compose")) || str_starts(name, STR("docker-compose"));
	return like && walk_is_yaml(name);
}

bool walk_skips_directory(struct str name)
{
	static const char *const names[] = {".git", "node_modules", "vendor", NULL};
	return one_of(name, names);
}

bool walk_skips_file(struct str name)
{
	return is_other(name);
}
