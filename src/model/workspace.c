#include "model/workspace.h"

#include "base/path.h"

/* What the provider said about a path. */
struct workspace_answer {
	struct str path; /* normalised */
	bool read_asked, stat_asked;
	enum provided read, stat;
	uint32_t index; /* of the file, when `read` is PROVIDED_FILE */
	uint32_t mode;
};

static struct workspace_answer *answer_of(struct workspace *w, struct str path)
{
	struct workspace_answer *known = map_get(&w->by_path, path); /* most are asked more than once, and normalised */
	if (known)
		return known;
	struct str normal = path_join(w->arena, STR(""), path);
	struct workspace_answer **place = (struct workspace_answer **)map_put(w->arena, &w->by_path, normal);

	if (!*place) {
		*place = ARENA_NEW(w->arena, struct workspace_answer);
		(*place)->path = normal;
	}
	return *place;
}

static uint32_t add_file(struct workspace *w, struct str path, struct str bytes)
{
	if (w->n == w->cap) {
		size_t cap = w->cap;
		w->at = arena_grow(w->arena, w->at, &cap, sizeof *w->at);
		w->cap = (uint32_t)cap;
	}
	w->at[w->n] = (struct workspace_file){.path = path, .original = bytes, .current = bytes};
	return w->n++;
}

void workspace_init(struct workspace *w, struct arena *a, const struct provider *p, struct str path, struct str bytes)
{
	*w = (struct workspace){.arena = a, .provider = p};
	struct workspace_answer *dockerfile = answer_of(w, path);

	dockerfile->read_asked = true;
	dockerfile->read = PROVIDED_FILE;
	dockerfile->index = add_file(w, path, bytes);
}

enum provided workspace_read(struct workspace *w, struct str path, uint32_t *index)
{
	struct workspace_answer *answer = answer_of(w, path);

	if (!answer->read_asked) {
		struct str bytes = {NULL, 0};
		answer->read_asked = true;
		if (answer->stat_asked && answer->stat == PROVIDED_NO)
			answer->read = PROVIDED_NO;
		else if (w->provider)
			answer->read = w->provider->read(w->provider->ctx, w->arena, answer->path, &bytes);
		if (answer->read == PROVIDED_FILE)
			answer->index = add_file(w, answer->path, bytes);
	}
	if (answer->read == PROVIDED_FILE)
		*index = answer->index;
	return answer->read;
}

enum provided workspace_stat(struct workspace *w, struct str path, uint32_t *mode)
{
	struct workspace_answer *answer = answer_of(w, path);

	if (!answer->stat_asked) {
		answer->stat_asked = true;
		answer->stat = w->provider ? w->provider->stat(w->provider->ctx, answer->path, &answer->mode)
					   : PROVIDED_UNKNOWN;
		/* A file that is being read is there, even where nothing can be asked. */
		if (answer->stat == PROVIDED_UNKNOWN && answer->read_asked && answer->read == PROVIDED_FILE) {
			answer->stat = PROVIDED_FILE;
			answer->mode = 0644;
		}
	}
	if (mode && (answer->stat == PROVIDED_FILE || answer->stat == PROVIDED_DIRECTORY))
		*mode = answer->mode;
	return answer->stat;
}

bool workspace_list(struct workspace *w, struct arena *a, struct str path, struct str_list *names)
{
	struct str normal = path_join(a, STR(""), path);

	*names = (struct str_list){0};
	return w->provider && w->provider->list && w->provider->list(w->provider->ctx, a, normal, names);
}
