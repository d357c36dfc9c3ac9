/* Gitea and Forgejo. Their API can only add commits to a branch, never put it elsewhere: commits go through git. */
#include "bot/hub.h"

enum { MOST_PAGES = 40, PAGE = 50 };

/* A second fork is refused: then it is among those of the repository. */
static bool find_fork(struct forge *f, const struct forge_repository *of, struct forge_repository *out)
{
	if (!forge_call(f, "GET", STR("/user"), NULL))
		return false;
	struct str login = json_text_at(f->arena, f->json, "login");
	size_t slash = str_find_char(of->path, '/', 0);
	struct str name = str_sub(of->path, slash + 1, of->path.n);
	return hub_repository(f, arena_printf(f->arena, "%.*s/%.*s", STR_ARG(login), STR_ARG(name)), out);
}

static bool fork_repository(struct forge *f, const struct forge_repository *of, struct forge_repository *out)
{
	if (forge_call(f, "POST", hub_path(f, of, "forks"), json_object()))
		hub_read_repository(f, f->json, out);
	else if (f->status != 409 || !find_fork(f, of, out))
		return false;
	return hub_await_fork(f, out);
}

/* The list knows no filter for branches. That of a branch that is gone still stands in its label. */
static bool is_ours(struct forge *f, const json_t *json, const struct forge_place *place)
{
	const json_t *head = json_object_get(json, "head");
	struct str label = json_text_at(f->arena, head, "label");
	struct str from = json_text_at(f->arena, json_object_get(head, "repo"), "full_name");
	return str_eq(json_text_at(f->arena, json, "base.ref"), place->base) && str_eq(from, place->source->path) &&
	       (str_eq(label, place->branch) || str_eq(json_text_at(f->arena, head, "ref"), place->branch));
}

static bool list_requests(struct forge *f, const struct forge_place *place, struct forge_requests *out)
{
	*out = (struct forge_requests){0};
	for (int page = 1; page <= MOST_PAGES; page++) {
		const json_t *json;
		size_t i;
		struct str query = arena_printf(f->arena, "pulls?state=all&sort=newest&limit=%d&page=%d", PAGE, page);
		if (!forge_call(f, "GET", hub_path(f, place->target, query.p), NULL))
			return false;
		if (!json_is_array(f->json))
			return forge_fail(f, "Gitea: the answer is not a list of pull requests");
		if (json_array_size(f->json) == 0) /* a server may give fewer a page than it was asked for */
			return true;
		json_array_foreach(f->json, i, json)
		{
			if (is_ours(f, json, place))
				hub_read_request(f, json, VEC_PUSH(f->arena, *out));
		}
	}
	return true;
}

static bool open_request(struct forge *f, const struct forge_place *place, const struct forge_text *text,
			 struct forge_request *out)
{
	struct str title = arena_printf(f->arena, "%s%.*s", text->draft ? "WIP: " : "", STR_ARG(text->title));
	json_t *body =
		json_pack("{s:o, s:o, s:o, s:o}", "title", json_text(title), "head", json_text(hub_head(f, place)),
			  "base", json_text(place->base), "body", json_text(text->body));
	if (!forge_call(f, "POST", hub_path(f, place->target, "pulls"), body))
		return false;
	hub_read_request(f, f->json, out);
	return true;
}

/* Labels are given by number, and have to be there. */
static bool label_request(struct forge *f, const struct forge_place *place, uint64_t number, const char *const *labels)
{
	struct str rest = arena_printf(f->arena, "issues/%llu/labels", (unsigned long long)number);
	json_t *numbers = json_array();
	if (!forge_call(f, "GET", hub_path(f, place->target, "labels?limit=50"), NULL)) {
		json_decref(numbers);
		return false;
	}
	for (; *labels; labels++) {
		const json_t *json;
		size_t i, before = json_array_size(numbers);
		json_array_foreach(f->json, i, json)
		{
			if (str_eq(json_text_at(f->arena, json, "name"), str_of(*labels)))
				json_array_append(numbers, json_object_get(json, "id"));
		}
		if (json_array_size(numbers) == before) {
			json_decref(numbers);
			return forge_fail(f, "Gitea: %.*s has no label %s", STR_ARG(place->target->path), *labels);
		}
	}
	return forge_call(f, "POST", hub_path(f, place->target, rest.p), json_pack("{s:o}", "labels", numbers));
}

static bool delete_branch(struct forge *f, const struct forge_place *place)
{
	struct str branch = forge_part(f->arena, place->branch);
	struct str rest = arena_printf(f->arena, "branches/%.*s", STR_ARG(branch));
	return forge_call(f, "DELETE", hub_path(f, place->source, rest.p), NULL) || f->status == 404;
}

static const char *const headers[] = {"Accept: application/json", NULL};

const struct forge_kind forge_gitea = {
	.name = "gitea",
	.title = "Gitea",
	.default_api = "",
	.api_variable = "GITEA_API_URL",
	.api_path = "/api/v1",
	.tokens = {"GITEA_TOKEN", "FORGEJO_TOKEN"},
	.git_user = "unroot-bot",
	.scheme = "token",
	.headers = headers,
	.repository = hub_repository,
	.fork = fork_repository,
	.requests = list_requests,
	.open = open_request,
	.update = hub_update,
	.close = hub_close,
	.label = label_request,
	.delete_branch = delete_branch,
};
