#define _POSIX_C_SOURCE 200809L
#include "bot/hub.h"

#include <time.h>

enum { FORK_TRIES = 60, FORK_PAUSE = 1 };

struct str hub_path(struct forge *f, const struct forge_repository *r, const char *rest)
{
	return arena_printf(f->arena, "/repos/%.*s/%s", STR_ARG(r->path), rest);
}

void hub_read_repository(struct forge *f, const json_t *json, struct forge_repository *out)
{
	const json_t *may_push = json_object_get(json_object_get(json, "permissions"), "push");
	*out = (struct forge_repository){
		.path = json_text_at(f->arena, json, "full_name"),
		.owner = json_text_at(f->arena, json, "owner.login"),
		.branch = json_text_at(f->arena, json, "default_branch"),
		.clone = json_text_at(f->arena, json, "clone_url"),
		.archived = json_true_at(json, "archived"),
		.may_push = !may_push || json_is_true(may_push),
	};
}

bool hub_repository(struct forge *f, struct str path, struct forge_repository *out)
{
	size_t slash = str_find_char(path, '/', 0);
	if (slash == STR_NONE || str_find_char(path, '/', slash + 1) != STR_NONE)
		return forge_fail(f, "%.*s: expected OWNER/NAME", STR_ARG(path));
	struct str owner = forge_part(f->arena, str_sub(path, 0, slash));
	struct str name = forge_part(f->arena, str_sub(path, slash + 1, path.n));
	if (!forge_call(f, "GET", arena_printf(f->arena, "/repos/%.*s/%.*s", STR_ARG(owner), STR_ARG(name)), NULL))
		return false;
	hub_read_repository(f, f->json, out);
	if (out->path.n == 0 || out->branch.n == 0)
		return forge_fail(f, "%s: the answer is not a repository", f->kind->title);
	return true;
}

bool hub_await_fork(struct forge *f, const struct forge_repository *fork)
{
	struct timespec pause = {.tv_sec = FORK_PAUSE};
	struct str ready = hub_path(f, fork, "commits?per_page=1&limit=1");
	for (int i = 0; i < FORK_TRIES; i++) {
		if (forge_call(f, "GET", ready, NULL))
			return true;
		if (f->status != 404 && f->status != 409)
			return false;
		nanosleep(&pause, NULL);
	}
	return forge_fail(f, "%s: the fork %.*s is not ready yet; run again later", f->kind->title,
			  STR_ARG(fork->path));
}

void hub_read_request(struct forge *f, const json_t *json, struct forge_request *out)
{
	const json_t *labels = json_object_get(json, "labels"), *label;
	size_t i;
	bool merged = json_is_string(json_object_get(json, "merged_at")) || json_true_at(json, "merged");
	bool open = str_eq(json_text_at(f->arena, json, "state"), STR("open"));
	*out = (struct forge_request){
		.number = json_number_at(json, "number"),
		.state = merged ? FORGE_MERGED
			 : open ? FORGE_OPEN
				: FORGE_CLOSED,
		.title = json_text_at(f->arena, json, "title"),
		.body = json_text_at(f->arena, json, "body"),
		.url = json_text_at(f->arena, json, "html_url"),
	};
	json_array_foreach(labels, i, label) * VEC_PUSH(f->arena, out->labels) = json_text_at(f->arena, label, "name");
}

struct str hub_head(struct forge *f, const struct forge_place *place)
{
	return arena_printf(f->arena, "%.*s:%.*s", STR_ARG(place->source->owner), STR_ARG(place->branch));
}

static bool patch(struct forge *f, const struct forge_place *place, uint64_t number, json_t *body)
{
	struct str rest = arena_printf(f->arena, "pulls/%llu", (unsigned long long)number);
	return forge_call(f, "PATCH", hub_path(f, place->target, rest.p), body);
}

bool hub_update(struct forge *f, const struct forge_place *place, uint64_t number, struct str body)
{
	return patch(f, place, number, json_pack("{s:o}", "body", json_text(body)));
}

bool hub_close(struct forge *f, const struct forge_place *place, uint64_t number, struct str body)
{
	return patch(f, place, number, json_pack("{s:o, s:s}", "body", json_text(body), "state", "closed"));
}
