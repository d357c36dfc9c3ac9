/* Directories of the file's own, outside of the app's, that the file says are written: VOLUME, a variable, the start
   command, or the text of the program. */
#include "base/path.h"
#include "plan/plan.h"

enum { MAX_SAID = 16, LONGEST_NAME = 64 };

bool plan_names_a_place_to_write(struct str name)
{
	static const char *const parts[] = {"CACHE", "LOG",  "UPLOAD", "DATA",	 "STORAGE", "SPOOL",  "PID",  "TMP",
					    "TEMP",  "WORK", "MEDIA",  "OUTPUT", "WRITE",   "SQLITE", "STATE"};
	char upper[LONGEST_NAME];
	struct str text = {upper, name.n < sizeof upper ? name.n : sizeof upper};
	for (size_t i = 0; i < text.n; i++)
		upper[i] = name.p[i] >= 'a' && name.p[i] <= 'z' ? (char)(name.p[i] - 32) : name.p[i];
	for (size_t i = 0; i < sizeof parts / sizeof *parts; i++)
		if (str_find(text, str_of(parts[i]), 0) != STR_NONE)
			return true;
	return false;
}

/* Whether the COPY makes the directory, where that is surely one. */
static bool is_copied(const struct copy *copy, struct str path, bool directory)
{
	return str_eq(copy->dest, path) &&
	       (directory || copy->dest_slash || str_eq(copy->sources, STR(".")) || str_ends(copy->sources, STR("/")));
}

/* Whether a mkdir or a COPY makes the directory, and something is put there. `directory`: it is known to be one. */
static bool is_made_and_filled(const struct facts *f, struct str path, bool directory)
{
	bool made = false, filled = false;
	for (size_t i = 0; i < f->made.n; i++) {
		const struct made *m = &f->made.at[i];
		if (m->run == RUN_START)
			continue;
		made |= m->kind == MADE_DIRECTORY && !m->unsure && str_eq(m->path, path);
		filled |= m->kind != MADE_DIRECTORY && m->kind < MADE_OWNER && path_within(m->path, path);
	}
	for (size_t i = 0; i < f->copies.n && !(made && filled); i++) {
		filled |= f->copies.at[i].dest.n && path_within(f->copies.at[i].dest, path);
		made |= is_copied(&f->copies.at[i], path, directory);
	}
	return made && filled;
}

static void say(struct plan *p, struct str path, bool directory)
{
	struct facts *f = p->f;
	if (path.n < 2 || path.p[0] != '/')
		return;
	path = facts_follow(f, path_join(f->arena, STR("/"), path), true);
	bool own = plan_may_own(p, path) || facts_place(f, path) == PLACE_STATE;
	if (own && !plan_in_tree(p, path) && is_made_and_filled(f, path, directory))
		plan_add_tree(p, path);
}

/* "--data-dir=/data", "--data /data", "/data" */
static void said_by_start(struct plan *p)
{
	const struct start *start = &p->f->start;
	for (size_t i = 1; i < start->words.n && i < MAX_SAID; i++) {
		struct str word = start->words.at[i].text, option = start->words.at[i - 1].text;
		size_t equals = str_find_char(word, '=', 0);
		if (equals != STR_NONE && word.p[0] == '-') {
			option = str_sub(word, 0, equals);
			word = str_sub(word, equals + 1, word.n);
		}
		if (option.n == 0 || option.p[0] != '-' || plan_names_a_place_to_write(option))
			say(p, word, false);
	}
}

void plan_said_trees(struct plan *p)
{
	const struct facts *f = p->f;
	for (size_t i = 0; i < f->volumes.n && i < MAX_SAID; i++)
		say(p, f->volumes.at[i].path, true);
	for (size_t i = 0, n = 0; i < f->variables.n && n < MAX_SAID; i++) {
		const struct variable *v = f->variables.at[i].variable;
		if (!v->known || !v->from_env || v->value.n < 2 || v->value.p[0] != '/' ||
		    !plan_names_a_place_to_write(f->variables.at[i].name) ||
		    location_is_read(&f->tables->locations, f->variables.at[i].name))
			continue;
		say(p, v->value, false);
		n++;
	}
	said_by_start(p);
	for (size_t i = 0; i < f->start.named.n; i++)
		say(p, path_parent(f->start.named.at[i].path), true);
}
