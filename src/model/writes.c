/* Paths that commands write, and whether only root may. */
#include "base/path.h"
#include "model/effects.h"

enum { MAX_PATH = 1024 }; /* longer ones are not followed: their text would be many times the file's */

bool step_is_mounted(const struct step *s, struct str path)
{
	if (s->mounts.n == 0)
		return false;
	for (struct str dir = path;; dir = path_parent(dir)) {
		if (map_get(&s->mounts, dir))
			return true;
		if (dir.n <= 1)
			return false;
	}
}

/* Directories that images bring, in which only root makes something. */
static bool is_closed(const struct step *s, struct str dir)
{
	enum place place = facts_place(s->f, dir);
	return place_is_system(place) || place == PLACE_STATE ||
	       str_in_list(STR("/opt,/srv,/home,/usr/src,/var/www"), dir);
}


/* Whether only root may make or change something at `path`. */
static bool is_reserved(const struct step *s, struct str path)
{
	enum place place = facts_place(s->f, path);
	if (place == PLACE_TEMP || image_lets_all_write(s->f->image, path))
		return false;
	if (place_is_system(place) || place == PLACE_HOME || place == PLACE_BUILD)
		return true;
	return !s->start && (place == PLACE_STATE || is_closed(s, path_parent(path)));
}

static bool is_device(struct str path)
{
	return path_within(path, STR("/dev")) && !path_within(path, STR("/dev/shm"));
}

static struct str word_path(const struct step *s, const struct shell_word *word, bool follow)
{
	struct str value = step_value(s, word), unknown = {NULL, 0};
	/* Without quotes the shell makes several words of it, or a pattern. */
	for (size_t i = 0; word->expands && !word->quoted && i < value.n; i++)
		if (strchr(" \t\n*?[", value.p[i]))
			return unknown;
	if (!value.p || value.n == 0 || (value.p[0] != '/' && s->cwd.n == 0) || value.n + s->cwd.n > MAX_PATH)
		return unknown;
	return facts_follow(s->f, path_join(s->f->scratch, s->cwd, value), follow);
}

struct str step_path(const struct step *s, const struct shell_word *word)
{
	return word_path(s, word, true);
}

struct str step_path_itself(const struct step *s, const struct shell_word *word)
{
	return word_path(s, word, false);
}

/* Where the part of a word that is known leads: /etc for /etc/x.d/$NAME and for /etc/x*; p is NULL when nowhere. */
static struct str known_directory(const struct step *s, const struct shell_word *word)
{
	size_t n = 0;
	while (n < word->text.n && n < MAX_PATH && !strchr("*?[{$`~", word->text.p[n]))
		n++;
	size_t slash = str_find_last_char(str_sub(word->text, 0, n), '/');
	struct str dir = slash == STR_NONE ? STR(".") : str_sub(word->text, 0, slash + 1);
	if (n == word->text.n || (slash == STR_NONE && n == 0 && !word->glob) || (dir.p[0] != '/' && s->cwd.n == 0))
		return (struct str){NULL, 0};
	return path_join(s->f->scratch, s->cwd, dir);
}

bool step_leads_elsewhere(const struct step *s, const struct shell_word *word)
{
	struct str path = known_directory(s, word);
	enum place place = path.p ? facts_place(s->f, path) : PLACE_APP;
	return path.p && path.n > 1 && (place_is_system(place) || place == PLACE_TEMP || place == PLACE_HOME || place == PLACE_BUILD);
}

void step_check_word(struct step *s, const struct shell_word *word, struct str command)
{
	struct str path = step_path(s, word);
	if (!path.p) {
		path = known_directory(s, word);
		if (path.p)
			path = path_join(s->f->scratch, path, STR("*"));
	}
	if (path.p && !is_device(path) && !step_is_mounted(s, path) && is_reserved(s, path))
		step_needs_root(s, command);
}

void step_check_below(struct step *s, struct str path, struct str command)
{
	if (is_reserved(s, path_join(s->f->scratch, path, STR("*"))))
		step_needs_root(s, command);
}

static bool names_path(const struct step *s, const struct shell_command *c, struct str path)
{
	for (uint32_t i = 1; c && i < c->nwords; i++) {
		struct str named = step_path(s, &c->words[i]);
		if (named.p && str_eq(named, path))
			return true;
	}
	return false;
}

/* Whether the command being read may be left out although the step succeeds. What is made where a test finds it missing is there
   in any case: [ -d logs ] || mkdir logs. */
static bool may_not_happen(const struct step *s, struct str path)
{
	const struct shell_command *c = s->command;
	if (!c || s->start)
		return false;
	bool behind_test = s->test && s->test->list == c->list && ((c->where & SHELL_TEST) || c->list != s->last_list);
	bool maybe = (s->where & (SHELL_CONDITIONAL | SHELL_FUNCTION)) || behind_test;
	return maybe && !names_path(s, s->tried, path) && !names_path(s, s->test, path);
}

void step_add_made(struct step *s, enum made_kind kind, struct str path, bool recursive, struct str owner)
{
	if ((s->how & (UNWRAP_LOOSE | UNWRAP_OTHER_USER)) || step_is_mounted(s, path))
		return;
	struct arena *a = s->f->arena;
	bool unsure = may_not_happen(s, path);
	const struct made *last = s->f->made.n ? &s->f->made.at[s->f->made.n - 1] : NULL;
	if (last && last->run == s->index && last->kind == kind && str_eq(last->path, path) &&
	    str_eq(last->owner, owner) && last->recursive == recursive && last->unsure == unsure)
		return;
	*VEC_PUSH(a, s->f->made) = (struct made){kind, arena_str(a, path), arena_str(a, owner), recursive, unsure, s->index};
}

/* `below`: into a directory that is there, whoever made it. */
static void write_path(struct step *s, enum made_kind kind, struct str path, bool below, struct str owner, struct str command)
{
	if (!path.p) {
		s->run->flags |= RUN_TREE;
		return;
	}
	enum place place = facts_place(s->f, path);
	if (is_device(path) || step_is_mounted(s, path) || place == PLACE_TEMP)
		return;
	if (is_reserved(s, below ? path_join(s->f->scratch, path, STR("*")) : path))
		step_needs_root(s, command);
	if (place_is_system(place))
		return;
	bool recursive = kind == MADE_FILLED || kind == MADE_TREE || kind == MADE_QUIET;
	step_add_made(s, kind, path, recursive, owner);
	s->run->flags |= RUN_TREE;
}

void step_write(struct step *s, enum made_kind kind, struct str path, struct str command)
{
	write_path(s, kind, path, kind == MADE_TREE, STR(""), command);
}

void step_write_below(struct step *s, enum made_kind kind, struct str path, struct str command)
{
	write_path(s, kind, path, true, STR(""), command);
}

void step_copy_below(struct step *s, struct str path, struct str command)
{
	write_path(s, MADE_FILLED, path, true, STR("root"), command);
}

void step_write_word(struct step *s, enum made_kind kind, const struct shell_word *word, struct str command)
{
	struct str path = step_path(s, word);
	if (!path.p)
		step_check_word(s, word, command);
	step_write(s, kind, path, command);
}

void step_write_in(struct step *s, enum made_kind kind, const struct shell_word *dir, struct str name,
		   struct str command)
{
	struct str base = dir ? step_path(s, dir) : s->cwd;
	if (base.n && base.n + name.n <= MAX_PATH)
		step_write(s, kind, path_join(s->f->scratch, base, name), command);
	else if (dir)
		step_write_word(s, kind, dir, command);
	else
		s->run->flags |= RUN_TREE;
}
