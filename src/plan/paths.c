#include "plan/paths.h"

#include "base/path.h"

/* What the file does with a path: index in facts.made of the last time + 1. */
struct path_events {
	uint32_t owned, owned_below, removed;
	uint32_t doubted; /* it may be removed */
	uint32_t holds; /* something is put below it: the first time */
	bool made;
	bool written; /* a file with content of a step's */
};

static struct path_events *events_of(struct paths *paths, struct arena *a, struct str path)
{
	void **place = map_put(a, &paths->events, path);
	if (!*place)
		*place = ARENA_NEW(a, struct path_events);
	return *place;
}

static void mark_holding(struct paths *paths, struct arena *a, struct str path, uint32_t when)
{
	for (struct str dir = path; dir.n > 1; dir = path_parent(dir)) {
		struct path_events *e = events_of(paths, a, dir);
		if (e->holds && e->holds <= when)
			return;
		e->holds = when;
	}
}

static bool is_root(struct str owner)
{
	return str_starts(owner, STR("root")) || str_eq(owner, STR("0")) || str_starts(owner, STR("0:"));
}

/* chmod 777 and its like. */
static bool lets_all_write(struct str mode)
{
	return str_ends(mode, STR("777")) || str_eq(mode, STR("a+rwx")) || str_eq(mode, STR("a+rwX")) || str_eq(mode, STR("ugo+rwx")) ||
	       str_eq(mode, STR("a+w")) || str_eq(mode, STR("o+w")) || str_eq(mode, STR("ugo+w")) || str_eq(mode, STR("o+rwx"));
}

static void mark_owned(struct paths *paths, struct arena *a, const struct made *m, uint32_t end)
{
	struct path_events *e = events_of(paths, a, m->path);
	e->owned = end;
	if (m->recursive)
		e->owned_below = end;
}

static void read_made(struct paths *paths, struct arena *a, const struct made *m, uint32_t end)
{
	switch (m->kind) {
	case MADE_OWNER:
		if (!is_root(m->owner) && !m->unsure)
			mark_owned(paths, a, m, end);
		break;
	case MADE_MODE:
		if (lets_all_write(m->owner) && !m->unsure)
			mark_owned(paths, a, m, end);
		break;
	case MADE_DIRECTORY: events_of(paths, a, m->path)->made |= !m->unsure; break;
	case MADE_REMOVED:
		if (m->unsure)
			events_of(paths, a, m->path)->doubted = end;
		else
			events_of(paths, a, m->path)->removed = end;
		break;
	case MADE_FILLED: mark_holding(paths, a, m->path, end); break;
	case MADE_CONTENT: events_of(paths, a, m->path)->written = true; /* fall through */
	case MADE_FILE: mark_holding(paths, a, path_parent(m->path), end); break;
	default: break;
	}
}

void paths_read(struct paths *paths, struct arena *a, const struct facts *f)
{
	*paths = (struct paths){0};
	for (size_t i = 0; i < f->made.n; i++)
		if (f->made.at[i].run != RUN_START)
			read_made(paths, a, &f->made.at[i], (uint32_t)i + 1);
	for (size_t i = 0; i < f->copies.n; i++)
		if (f->copies.at[i].dest.n)
			mark_holding(paths, a, f->copies.at[i].dest, paths_moment(f, f->copies.at[i].ins) + 1);
}

bool paths_settled(const struct paths *paths, struct str path, uint32_t from)
{
	bool whole = true;
	for (struct str dir = path; dir.n > 1; dir = path_parent(dir), whole = false) {
		const struct path_events *e = map_get(&paths->events, dir);
		if (e && (e->removed > from || e->owned_below > from || (whole && e->owned > from)))
			return true;
	}
	return false;
}

bool paths_doubted(const struct paths *paths, struct str path, uint32_t from)
{
	for (struct str dir = path; dir.n > 1; dir = path_parent(dir)) {
		const struct path_events *e = map_get(&paths->events, dir);
		if (e && e->doubted > from)
			return true;
	}
	return false;
}

bool paths_owned(const struct paths *paths, struct str path)
{
	uint32_t owned = 0, removed = 0;
	for (struct str dir = path; dir.n > 1; dir = path_parent(dir)) {
		const struct path_events *e = map_get(&paths->events, dir);
		uint32_t mine = !e ? 0 : dir.n == path.n ? e->owned : e->owned_below;
		owned = mine > owned ? mine : owned;
		removed = e && e->removed > removed ? e->removed : removed;
	}
	return owned > removed;
}

uint32_t paths_moment(const struct facts *f, uint32_t ins)
{
	size_t low = 0, high = f->made.n;
	while (low < high) {
		size_t middle = low + (high - low) / 2;
		uint32_t run = f->made.at[middle].run;
		if (run != RUN_START && f->runs.at[run].ins < ins)
			low = middle + 1;
		else
			high = middle;
	}
	return (uint32_t)low;
}

bool paths_made(const struct paths *paths, struct str path)
{
	const struct path_events *e = map_get(&paths->events, path);
	return e && (e->made || e->holds);
}

bool paths_written(const struct paths *paths, struct str path)
{
	const struct path_events *e = map_get(&paths->events, path);
	return e && e->written;
}

bool paths_hold(const struct paths *paths, struct str path)
{
	return paths_hold_by(paths, path, UINT32_MAX);
}

bool paths_hold_by(const struct paths *paths, struct str path, uint32_t moment)
{
	const struct path_events *e = map_get(&paths->events, path);
	return e && e->holds && e->holds <= moment;
}

bool paths_handed(const struct paths *paths, struct str path)
{
	for (struct str dir = path; dir.n > 1; dir = path_parent(dir))
		if (map_get(&paths->handed, dir))
			return true;
	return false;
}

bool paths_writable(const struct plan *p, const struct paths *paths, struct str path)
{
	return facts_place(p->f, path) == PLACE_TEMP || plan_in_tree(p, path) ||
	       (p->owner.home.n && path_within(path, p->owner.home)) || paths_owned(paths, path) ||
	       paths_owned(paths, path_parent(path)) || paths_handed(paths, path);
}
