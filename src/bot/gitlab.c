/* GitLab, of any address. Projects are addressed by number once they are known. */
#define _POSIX_C_SOURCE 200809L
#include "bot/forge.h"

#include <time.h>

enum { FORK_TRIES = 60, FORK_PAUSE = 1, DEVELOPER = 30 };

static struct str project_path(struct forge *f, const struct forge_repository *r, const char *rest)
{
	return arena_printf(f->arena, "/projects/%.*s/%s", STR_ARG(r->id), rest);
}

static struct str number_of(struct forge *f, const json_t *object, const char *name)
{
	return arena_printf(f->arena, "%llu", (unsigned long long)json_number_at(object, name));
}

/* Members may push to branches from Developer on. Who sees a project by other ways has no entry. */
static bool may_push(const json_t *project)
{
	const json_t *permissions = json_object_get(project, "permissions");
	uint64_t own = json_number_at(json_object_get(permissions, "project_access"), "access_level");
	uint64_t group = json_number_at(json_object_get(permissions, "group_access"), "access_level");
	return !json_is_object(permissions) || own >= DEVELOPER || group >= DEVELOPER;
}

static void read_project(struct forge *f, const json_t *json, struct forge_repository *out)
{
	*out = (struct forge_repository){
		.path = json_text_at(f->arena, json, "path_with_namespace"),
		.owner = json_text_at(f->arena, json, "namespace.full_path"),
		.id = number_of(f, json, "id"),
		.branch = json_text_at(f->arena, json, "default_branch"),
		.clone = json_text_at(f->arena, json, "http_url_to_repo"),
		.archived = json_true_at(json, "archived"),
		.may_push = may_push(json),
	};
}

static bool get_project(struct forge *f, struct str path, struct forge_repository *out)
{
	struct str part = forge_part(f->arena, path);
	if (!forge_call(f, "GET", arena_printf(f->arena, "/projects/%.*s", STR_ARG(part)), NULL))
		return false;
	read_project(f, f->json, out);
	if (json_number_at(f->json, "id") == 0 || out->branch.n == 0)
		return forge_fail(f, "GitLab: the answer is not a project with a default branch");
	return true;
}

/* A second fork is refused: then it is among those of the token's owner. */
static bool find_fork(struct forge *f, const struct forge_repository *of, struct forge_repository *out)
{
	if (!forge_call(f, "GET", project_path(f, of, "forks?owned=true&per_page=1"), NULL))
		return false;
	if (json_array_size(f->json) == 0)
		return forge_fail(f, "GitLab: there is no fork, and none can be made");
	read_project(f, json_array_get(f->json, 0), out);
	return true;
}

static bool fork_project(struct forge *f, const struct forge_repository *of, struct forge_repository *out)
{
	struct timespec pause = {.tv_sec = FORK_PAUSE};
	if (forge_call(f, "POST", project_path(f, of, "fork"), json_object()))
		read_project(f, f->json, out);
	else if (f->status != 409 || !find_fork(f, of, out))
		return false;
	struct str path = arena_printf(f->arena, "/projects/%.*s", STR_ARG(out->id));
	for (int i = 0; i < FORK_TRIES; i++) {
		if (!forge_call(f, "GET", path, NULL))
			return false;
		struct str status = json_text_at(f->arena, f->json, "import_status");
		if (str_eq(status, STR("finished")) || str_eq(status, STR("none")))
			return true;
		if (str_eq(status, STR("failed")))
			return forge_fail(f, "GitLab: making the fork failed");
		nanosleep(&pause, NULL);
	}
	return forge_fail(f, "GitLab: the fork %.*s is not ready yet; run again later", STR_ARG(out->path));
}

static void read_request(struct forge *f, const json_t *json, struct forge_request *out)
{
	const json_t *labels = json_object_get(json, "labels"), *label;
	struct str state = json_text_at(f->arena, json, "state");
	size_t i;
	/* "locked" is a moment while it is being merged. */
	bool closed = str_eq(state, STR("closed")), merged = str_eq(state, STR("merged"));
	*out = (struct forge_request){
		.number = json_number_at(json, "iid"),
		.state = closed	  ? FORGE_CLOSED
			 : merged ? FORGE_MERGED
				  : FORGE_OPEN,
		.title = json_text_at(f->arena, json, "title"),
		.body = json_text_at(f->arena, json, "description"),
		.url = json_text_at(f->arena, json, "web_url"),
	};
	json_array_foreach(labels, i, label) * VEC_PUSH(f->arena, out->labels) =
		arena_str(f->arena, str_of(json_string_value(label)));
}

static bool list_requests(struct forge *f, const struct forge_place *place, struct forge_requests *out)
{
	struct str branch = forge_part(f->arena, place->branch), base = forge_part(f->arena, place->base);
	struct str query =
		arena_printf(f->arena, "merge_requests?state=all&source_branch=%.*s&target_branch=%.*s&per_page=100",
			     STR_ARG(branch), STR_ARG(base));
	const json_t *json;
	size_t i;
	*out = (struct forge_requests){0};
	if (!forge_call(f, "GET", project_path(f, place->target, query.p), NULL))
		return false;
	if (!json_is_array(f->json))
		return forge_fail(f, "GitLab: the answer is not a list of merge requests");
	json_array_foreach(f->json, i, json)
	{
		/* Somebody's fork may have a branch of the same name. */
		if (str_eq(number_of(f, json, "source_project_id"), place->source->id))
			read_request(f, json, VEC_PUSH(f->arena, *out));
	}
	return true;
}

static struct str join_labels(struct forge *f, const char *const *labels)
{
	struct buf out = buf_new(f->arena);
	for (; labels && *labels; labels++) {
		buf_add(&out, out.n ? STR(",") : STR(""));
		buf_add(&out, str_of(*labels));
	}
	return arena_str(f->arena, buf_str(&out));
}

static bool open_request(struct forge *f, const struct forge_place *place, const struct forge_text *text,
			 struct forge_request *out)
{
	struct str title = arena_printf(f->arena, "%s%.*s", text->draft ? "Draft: " : "", STR_ARG(text->title));
	json_t *body =
		json_pack("{s:o, s:o, s:o, s:o, s:o, s:o, s:b}", "source_branch", json_text(place->branch),
			  "target_branch", json_text(place->base), "target_project_id", json_text(place->target->id),
			  "title", json_text(title), "description", json_text(text->body), "labels",
			  json_text(join_labels(f, text->labels)), "remove_source_branch", 1);
	if (!forge_call(f, "POST", project_path(f, place->source, "merge_requests"), body))
		return false;
	read_request(f, f->json, out);
	return true;
}

static bool put_request(struct forge *f, const struct forge_place *place, uint64_t number, json_t *body)
{
	struct str rest = arena_printf(f->arena, "merge_requests/%llu", (unsigned long long)number);
	return forge_call(f, "PUT", project_path(f, place->target, rest.p), body);
}

static bool update_request(struct forge *f, const struct forge_place *place, uint64_t number, struct str body)
{
	return put_request(f, place, number, json_pack("{s:o}", "description", json_text(body)));
}

static bool close_request(struct forge *f, const struct forge_place *place, uint64_t number, struct str body)
{
	return put_request(f, place, number,
			   json_pack("{s:o, s:s}", "description", json_text(body), "state_event", "close"));
}

static bool label_request(struct forge *f, const struct forge_place *place, uint64_t number, const char *const *labels)
{
	return put_request(f, place, number, json_pack("{s:o}", "add_labels", json_text(join_labels(f, labels))));
}

static bool delete_branch(struct forge *f, const struct forge_place *place)
{
	struct str branch = forge_part(f->arena, place->branch);
	struct str rest = arena_printf(f->arena, "repository/branches/%.*s", STR_ARG(branch));
	return forge_call(f, "DELETE", project_path(f, place->source, rest.p), NULL) || f->status == 404;
}

/* One call makes the commit and moves the branch. */
static bool make_commit(struct forge *f, const struct forge_place *place, const struct forge_commit *c)
{
	json_t *actions = json_array();
	for (size_t i = 0; i < c->n; i++) {
		struct str content = secret_base64(f->arena, c->files[i].bytes);
		json_array_append_new(actions, json_pack("{s:s, s:o, s:s, s:o}", "action", "update", "file_path",
							 json_text(c->files[i].path), "encoding", "base64", "content",
							 json_text(content)));
	}
	if (json_array_size(actions) < c->n) {
		json_decref(actions);
		return forge_fail(f, "a path is not UTF-8, which JSON cannot hold: use --commit=git");
	}
	json_t *body = json_pack("{s:o, s:o, s:o, s:b, s:o}", "branch", json_text(place->branch), "start_sha",
				 json_text(c->parent), "commit_message", json_text(c->message), "force", 1, "actions",
				 actions);
	if (c->name.n) {
		json_object_set_new(body, "author_name", json_text(c->name));
		json_object_set_new(body, "author_email", json_text(c->email));
	}
	return forge_call(f, "POST", project_path(f, place->source, "repository/commits"), body);
}

static const char *const headers[] = {"Accept: application/json", NULL};

const struct forge_kind forge_gitlab = {
	.name = "gitlab",
	.title = "GitLab",
	.default_api = "https://gitlab.com/api/v4",
	.api_variable = "CI_API_V4_URL",
	.api_path = "/api/v4",
	.tokens = {"GITLAB_TOKEN"},
	.git_user = "oauth2",
	.scheme = "Bearer",
	.headers = headers,
	.repository = get_project,
	.fork = fork_project,
	.requests = list_requests,
	.open = open_request,
	.update = update_request,
	.close = close_request,
	.label = label_request,
	.delete_branch = delete_branch,
	.commit = make_commit,
};
