/* GitHub, and GitHub Enterprise Server. */
#include "bot/hub.h"
#include "bot/lines.h"

enum { MOST_PAGES = 30, PAGE = 100 };

static bool fork_repository(struct forge *f, const struct forge_repository *of, struct forge_repository *out)
{
	/* Where there is a fork already, the answer is that one. */
	if (!forge_call(f, "POST", hub_path(f, of, "forks"), json_object()))
		return false;
	hub_read_repository(f, f->json, out);
	return hub_await_fork(f, out);
}

static bool list_requests(struct forge *f, const struct forge_place *place, struct forge_requests *out)
{
	struct str head = forge_part(f->arena, hub_head(f, place)), base = forge_part(f->arena, place->base);
	struct str query = arena_printf(f->arena, "pulls?state=all&head=%.*s&base=%.*s&per_page=100", STR_ARG(head),
					STR_ARG(base));
	const json_t *json;
	size_t i;
	*out = (struct forge_requests){0};
	if (!forge_call(f, "GET", hub_path(f, place->target, query.p), NULL))
		return false;
	if (!json_is_array(f->json))
		return forge_fail(f, "GitHub: the answer is not a list of pull requests");
	json_array_foreach(f->json, i, json)
	{
		/* A filter that the server does not know gives everybody's. */
		if (str_eq(json_text_at(f->arena, json, "head.label"), hub_head(f, place)))
			hub_read_request(f, json, VEC_PUSH(f->arena, *out));
	}
	return true;
}

static bool open_request(struct forge *f, const struct forge_place *place, const struct forge_text *text,
			 struct forge_request *out)
{
	json_t *body = json_pack("{s:o, s:o, s:o, s:o, s:b, s:b}", "title", json_text(text->title), "head",
				 json_text(hub_head(f, place)), "base", json_text(place->base), "body",
				 json_text(text->body), "draft", (int)text->draft, "maintainer_can_modify", 1);
	if (!forge_call(f, "POST", hub_path(f, place->target, "pulls"), body))
		return false;
	hub_read_request(f, f->json, out);
	return true;
}

static bool label_request(struct forge *f, const struct forge_place *place, uint64_t number, const char *const *labels)
{
	struct str rest = arena_printf(f->arena, "issues/%llu/labels", (unsigned long long)number);
	json_t *names = json_array();
	for (; *labels; labels++)
		json_array_append_new(names, json_string(*labels));
	return forge_call(f, "POST", hub_path(f, place->target, rest.p), json_pack("{s:o}", "labels", names));
}

static struct str ref_path(struct forge *f, const struct forge_place *place)
{
	struct str ref = forge_part(f->arena, arena_printf(f->arena, "heads/%.*s", STR_ARG(place->branch)));
	return hub_path(f, place->source, arena_printf(f->arena, "git/refs/%.*s", STR_ARG(ref)).p);
}

static bool delete_branch(struct forge *f, const struct forge_place *place)
{
	return forge_call(f, "DELETE", ref_path(f, place), NULL) || f->status == 404 || f->status == 422;
}

/* A text goes into the tree itself; anything else has to be made a blob first. */
static json_t *tree_entry(struct forge *f, const struct forge_place *place, const struct forge_file *file)
{
	json_t *entry = json_pack("{s:o, s:s, s:s}", "path", json_text(file->path), "mode",
				  file->executable ? "100755" : "100644", "type", "blob");
	if (!entry) {
		forge_fail(f, "a path is not UTF-8, which JSON cannot hold: use --commit=git");
		return NULL;
	}
	json_t *content = json_text(file->bytes);
	if (content) {
		json_object_set_new(entry, "content", content);
		return entry;
	}
	json_t *blob = json_pack("{s:o, s:s}", "content", json_text(secret_base64(f->arena, file->bytes)), "encoding",
				 "base64");
	if (forge_call(f, "POST", hub_path(f, place->source, "git/blobs"), blob)) {
		json_object_set_new(entry, "sha", json_text(json_text_at(f->arena, f->json, "sha")));
		return entry;
	}
	json_decref(entry);
	return NULL;
}

static bool make_tree(struct forge *f, const struct forge_place *place, const struct forge_commit *c)
{
	json_t *entries = json_array();
	for (size_t i = 0; i < c->n; i++) {
		json_t *entry = tree_entry(f, place, &c->files[i]);
		if (!entry) {
			json_decref(entries);
			return false;
		}
		json_array_append_new(entries, entry);
	}
	json_t *tree = json_pack("{s:o, s:o}", "base_tree", json_text(c->parent_tree), "tree", entries);
	if (!forge_call(f, "POST", hub_path(f, place->source, "git/trees"), tree))
		return false;
	if (!str_eq(json_text_at(f->arena, f->json, "sha"), c->tree))
		return forge_fail(f, "GitHub: the tree it made is not the one that was asked for");
	return true;
}

static bool make_commit(struct forge *f, const struct forge_place *place, const struct forge_commit *c)
{
	if (!make_tree(f, place, c))
		return false;
	json_t *commit = json_pack("{s:o, s:o, s:[o]}", "message", json_text(c->message), "tree", json_text(c->tree),
				   "parents", json_text(c->parent));
	if (c->name.n)
		json_object_set_new(commit, "author",
				    json_pack("{s:o, s:o}", "name", json_text(c->name), "email", json_text(c->email)));
	if (!forge_call(f, "POST", hub_path(f, place->source, "git/commits"), commit))
		return false;
	struct str sha = json_text_at(f->arena, f->json, "sha");
	if (c->branch_exists)
		return forge_call(f, "PATCH", ref_path(f, place),
				  json_pack("{s:o, s:b}", "sha", json_text(sha), "force", 1));
	struct str ref = arena_printf(f->arena, "refs/heads/%.*s", STR_ARG(place->branch));
	return forge_call(f, "POST", hub_path(f, place->source, "git/refs"),
			  json_pack("{s:o, s:o}", "ref", json_text(ref), "sha", json_text(sha)));
}

static bool changed_lines(struct forge *f, const struct forge_repository *repository, uint64_t number,
			  struct forge_ranges *out)
{
	*out = (struct forge_ranges){0};
	for (int page = 1; page <= MOST_PAGES; page++) {
		const json_t *file;
		size_t i;
		struct str rest = arena_printf(f->arena, "pulls/%llu/files?per_page=%d&page=%d",
					       (unsigned long long)number, PAGE, page);
		if (!forge_call(f, "GET", hub_path(f, repository, rest.p), NULL))
			return false;
		json_array_foreach(f->json, i, file) lines_of_patch(f->arena, json_text_at(f->arena, file, "filename"),
								    json_text_at(f->arena, file, "patch"), out);
		if (json_array_size(f->json) < PAGE)
			break;
	}
	return true;
}

static bool was_reviewed(struct forge *f, struct str path, struct str mark, bool *found)
{
	const json_t *review;
	size_t i;
	*found = false;
	for (int page = 1; page <= MOST_PAGES && !*found; page++) {
		struct str query = arena_printf(f->arena, "%.*s?per_page=%d&page=%d", STR_ARG(path), PAGE, page);
		if (!forge_call(f, "GET", query, NULL))
			return false;
		json_array_foreach(f->json, i, review) *found =
			*found || str_find(json_text_at(f->arena, review, "body"), mark, 0) != STR_NONE;
		if (json_array_size(f->json) < PAGE)
			break;
	}
	return true;
}

static json_t *comment_of(const struct forge_suggestion *s)
{
	json_t *comment = json_pack("{s:o, s:I, s:s, s:o}", "path", json_text(s->path), "line", (json_int_t)s->last,
				    "side", "RIGHT", "body", json_text(s->comment));
	if (comment && s->first < s->last) {
		json_object_set_new(comment, "start_line", json_integer(s->first));
		json_object_set_new(comment, "start_side", json_string("RIGHT"));
	}
	return comment;
}

static bool suggest(struct forge *f, const struct forge_repository *repository, uint64_t number, struct str commit,
		    const struct forge_suggestion *suggestions, size_t n, struct str body, struct str mark)
{
	struct str path =
		hub_path(f, repository, arena_printf(f->arena, "pulls/%llu/reviews", (unsigned long long)number).p);
	bool found;
	if (!was_reviewed(f, path, mark, &found) || found)
		return found;
	json_t *comments = json_array();
	for (size_t i = 0; i < n; i++)
		json_array_append_new(comments, comment_of(&suggestions[i]));
	return forge_call(f, "POST", path,
			  json_pack("{s:o, s:o, s:s, s:o}", "commit_id", json_text(commit), "body", json_text(body),
				    "event", "COMMENT", "comments", comments));
}

static const char *const headers[] = {"Accept: application/vnd.github+json", "X-GitHub-Api-Version: 2022-11-28", NULL};

const struct forge_kind forge_github = {
	.name = "github",
	.title = "GitHub",
	.request = "pull request",
	.default_api = "https://api.github.com",
	.api_variable = "GITHUB_API_URL",
	.api_path = "/api/v3",
	.tokens = {"GH_TOKEN", "GITHUB_TOKEN"},
	.git_user = "x-access-token",
	.scheme = "Bearer",
	.headers = headers,
	.repository = hub_repository,
	.fork = fork_repository,
	.requests = list_requests,
	.open = open_request,
	.update = hub_update,
	.close = hub_close,
	.label = label_request,
	.delete_branch = delete_branch,
	.commit = make_commit,
	.suggest = suggest,
	.changed_lines = changed_lines,
};
