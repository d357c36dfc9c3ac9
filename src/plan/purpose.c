/* What the image is for: some are built upon, entered, or run by somebody who picks the account. */
#include "base/path.h"
#include "model/consumers.h"
#include "plan/plan.h"

enum { MOST_SIBLINGS = 256 };

/* The bytes of a file beside the Dockerfile; empty when there is none, or nobody can tell. */
static struct str beside(const struct plan *p, struct str path)
{
	struct workspace *w = p->f->workspace;
	uint32_t file;
	return workspace_read(w, path, &file) == PROVIDED_FILE ? w->at[file].current : STR("");
}

static bool is_there(const struct plan *p, const char *path)
{
	return workspace_stat(p->f->workspace, str_of(path), NULL) == PROVIDED_FILE;
}

static bool holds(struct str text, struct str part)
{
	return str_find(text, part, 0) != STR_NONE;
}

static struct str own_name(const struct plan *p)
{
	return p->f->workspace->at[0].path;
}

static bool is_action(const struct plan *p)
{
	return holds(beside(p, STR("action.yml")), STR("docker")) ||
	       holds(beside(p, STR("action.yaml")), STR("docker"));
}

/* A devcontainer.json that builds this file, and not some earlier stage of it. */
static bool names_file(const struct plan *p, const char *path, const char *directory)
{
	struct str text = beside(p, str_of(path));
	return text.n && !holds(text, STR("\"target\"")) &&
	       holds(text, arena_printf(p->f->scratch, "\"%s%.*s\"", directory, STR_ARG(own_name(p))));
}

static bool is_dev_container(const struct plan *p)
{
	return is_there(p, "devcontainer.json") || is_there(p, "../devcontainer.json") ||
	       names_file(p, ".devcontainer/devcontainer.json", "../") || names_file(p, ".devcontainer.json", "") ||
	       names_file(p, ".devcontainer.json", "./");
}

/* "Dockerfile.base", "base.Dockerfile" */
static bool is_called_base(struct str name)
{
	size_t at = str_find(name, STR("base"), 0);
	return at != STR_NONE && (at == 0 || strchr(".-_", name.p[at - 1])) &&
	       (at + 4 == name.n || strchr(".-_", name.p[at + 4]));
}

/* Whether the Dockerfile is FROM an image that compose gives our name, or that is called a base as ours is and that
   nobody else provides. */
static bool builds_upon(const struct plan *p, struct str text, const struct consumers *c, bool called_base)
{
	const struct facts *f = p->f;
	struct document doc;
	struct stages stages;
	document_parse(f->arena, &doc, "Dockerfile", text);
	if (doc.error.message.n)
		return false;
	stages_read(f->arena, f->scratch, &doc, NULL, 0, &stages);
	for (uint32_t i = 0; i < stages.n; i++) {
		const struct stage *stage = &stages.at[i];
		struct from from;
		if (stage->parent != STAGE_NONE)
			continue;
		stages_from(f->scratch, &stages, &doc, i, &from);
		struct str name = stage->base.n ? stage->base : from.base.text;
		if (consumers_are_ours(c, name) ||
		    (called_base && holds(path_last(consumers_image_name(name)), STR("base")) &&
		     !(stage->base.n && image_find(f->tables->images, stage->base))))
			return true;
	}
	return false;
}

/* A Dockerfile of the repository that builds upon this one; empty when there is none, or nobody can tell. */
static struct str built_upon_by(const struct plan *p)
{
	struct workspace *w = p->f->workspace;
	struct consumers *c = consumers_of(w, p->f->arena);
	bool called_base =
		is_called_base(own_name(p)) || (c->known && is_called_base(path_last(path_parent(c->dockerfile))));
	struct str_list paths = {0};
	if ((c->images.n == 0 && !called_base) || !w->provider || !w->provider->dockerfiles ||
	    !w->provider->dockerfiles(w->provider->ctx, p->f->arena, &paths) || paths.n > MOST_SIBLINGS)
		return STR("");
	for (size_t i = 0; i < paths.n; i++) {
		uint32_t file;
		if (workspace_read(w, paths.at[i], &file) == PROVIDED_FILE && file != 0 &&
		    builds_upon(p, w->at[file].current, c, called_base))
			return paths.at[i];
	}
	return STR("");
}

static const char *special(const struct plan *p)
{
	struct str upon;
	if (is_action(p))
		return "it is a GitHub action's: the runner expects root there";
	if (is_dev_container(p))
		return "it is a dev container's: remoteUser in devcontainer.json says who works in it";
	if ((upon = built_upon_by(p)).n)
		return arena_printf(p->f->arena, "it is the base of %.*s: the images built upon it decide",
				    STR_ARG(upon))
			.p;
	return NULL;
}

static void explain(struct plan *p, uint32_t ins, struct str why)
{
	p->explained = true;
	plan_reason(p, UNROOT_DISPLAY, ins, why);
}

static bool is_explained(enum verdict verdict)
{
	return verdict == VERDICT_ROOT || verdict == VERDICT_PROMPT || verdict == VERDICT_PLATFORM;
}

void plan_purpose(struct plan *p)
{
	struct facts *f = p->f;
	const char *why;
	if (f->family == FAMILY_WINDOWS)
		explain(p, INS_NONE,
			STR("a Windows image: USER ContainerUser runs it without administrator's rights, and is there "
			    "already"));
	else if (is_explained(f->start.verdict))
		explain(p, f->start.ins, f->start.why);
	else if (f->runs.n == 0 && f->copies.n == 0 && f->cmd.ins == INS_NONE && f->entrypoint.ins == INS_NONE)
		explain(p, INS_NONE, STR("it adds no files and no command to its base: the base decides"));
	else if (f->has_onbuild)
		explain(p, INS_NONE, STR("it has ONBUILD steps, which run in the images built upon it"));
	else if (f->start.recipe.n && !plan_recipe(p))
		explain(p, f->start.ins,
			arena_printf(f->arena, "%.*s starts as root and hands requests to workers that are not",
				     STR_ARG(f->start.recipe)));
	else if (is_explained(f->start.verdict)) /* by a script that the image's entrypoint runs: read for the recipe */
		explain(p, f->start.ins, f->start.why);
	else if ((why = special(p)))
		explain(p, INS_NONE, str_of(why));
}
