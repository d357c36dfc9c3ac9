/* The build context: which of its files a COPY brings to which place. */
#include "base/path.h"
#include "model/consumers.h"
#include "model/facts.h"

enum { MAX_CLIMB = 3 }; /* how many directories above the Dockerfile may be the context */

static bool is_plain(struct str source)
{
	for (size_t i = 0; i < source.n; i++)
		if (source.p[i] == '*' || source.p[i] == '?' || source.p[i] == '[' || source.p[i] == '$' ||
		    source.p[i] == '<')
			return false;
	return source.n > 0;
}

static bool holds_sources(const struct facts *f, struct str root)
{
	for (size_t i = 0; i < f->copies.n; i++) {
		const struct copy *copy = &f->copies.at[i];
		struct str sources = copy->sources, source;
		if (copy->from_stage || copy->remote || copy->heredoc)
			continue;
		while (str_split(&sources, '\n', &source)) {
			uint32_t mode;
			while (source.n > 1 && source.p[0] == '/')
				source = str_sub(source, 1, source.n);
			if (!is_plain(source))
				continue;
			if (workspace_stat(f->workspace, path_join(f->scratch, root, source), &mode) <= PROVIDED_NO)
				return false;
		}
	}
	return true;
}

/* The explicit context, else that of compose files, else the nearest directory that holds every source. */
static struct str context_root(const struct facts *f)
{
	struct str root = STR(".");
	if (!f->workspace->provider)
		return root;
	if (f->workspace->provider->context.n)
		return f->workspace->provider->context;
	struct str built = consumers_of(f->workspace, f->arena)->context;
	if (built.n)
		return built;
	for (int i = 0; i <= MAX_CLIMB; i++) {
		if (holds_sources(f, root))
			return root;
		root = path_join(f->scratch, root, STR(".."));
	}
	return STR(".");
}

/* What `source` gives for `rest`, the part of the wanted path below the copy's destination. */
static struct str candidate(const struct facts *f, struct str root, struct str source, struct str rest, bool *exists)
{
	uint32_t mode;
	struct str last = path_last(source);
	struct str path = path_join(f->arena, root, source);
	*exists = false;
	if (!is_plain(source)) {
		path = path_join(f->arena, path_parent(path), rest);
		*exists = workspace_stat(f->workspace, path, &mode) == PROVIDED_FILE;
		return *exists ? path : (struct str){"", 0};
	}
	enum provided kind = workspace_stat(f->workspace, path, &mode);
	if (kind == PROVIDED_DIRECTORY || (kind == PROVIDED_UNKNOWN && !str_eq(last, rest)))
		path = path_join(f->arena, path, rest);
	else if (rest.n && !str_eq(last, rest))
		return (struct str){"", 0};
	*exists = workspace_stat(f->workspace, path, &mode) == PROVIDED_FILE;
	return path;
}

static bool is_known(const struct facts *f, struct str root, struct str source)
{
	return is_plain(source) && workspace_stat(f->workspace, path_join(f->scratch, root, source), NULL) >= PROVIDED_FILE;
}

struct str facts_context_source(const struct facts *f, struct str source)
{
	while (source.n > 1 && source.p[0] == '/')
		source = str_sub(source, 1, source.n);
	return path_join(f->arena, context_root(f), source);
}

struct str facts_context_path(const struct facts *f, struct str path, const struct copy **copy)
{
	struct str guess = STR("");
	struct str root = context_root(f);
	*copy = NULL;
	for (size_t i = f->copies.n; i > 0; i--) {
		const struct copy *c = &f->copies.at[i - 1];
		struct str sources = c->sources, source;
		if (c->dest.n == 0 || !path_within(path, c->dest))
			continue;
		struct str rest = str_sub(path, c->dest.n, path.n);
		while (rest.n && rest.p[0] == '/')
			rest = str_sub(rest, 1, rest.n);
		if (c->from_stage || c->heredoc || c->remote) {
			if (guess.n == 0)
				*copy = c;
			return guess;
		}
		while (str_split(&sources, '\n', &source)) {
			bool exists;
			while (source.n > 1 && source.p[0] == '/')
				source = str_sub(source, 1, source.n);
			struct str found = candidate(f, root, source, rest, &exists);
			if (found.n && (exists || guess.n == 0)) {
				*copy = c;
				guess = found;
			} else if (!*copy && !is_known(f, root, source)) {
				*copy = c; /* it may bring the file: nobody can tell */
			}
			if (exists)
				return found;
		}
	}
	return guess;
}

/* Whether a directory further up that may be the build context holds the file as well. */
static bool stands_further_up(const struct facts *f, struct str path)
{
	if (f->workspace->provider && f->workspace->provider->context.n)
		return false;
	for (int i = 0; i < MAX_CLIMB; i++) {
		path = path_join(f->scratch, STR(".."), path);
		if (workspace_stat(f->workspace, path, NULL) == PROVIDED_FILE)
			return true;
	}
	return false;
}

bool facts_context_file(const struct facts *f, struct str path, uint32_t *file)
{
	const struct copy *copy;
	struct str source = facts_context_path(f, path, &copy);
	return source.n && copy && !copy->from_stage && !copy->heredoc && !copy->remote && !stands_further_up(f, source) &&
	       workspace_read(f->workspace, source, file) == PROVIDED_FILE;
}
