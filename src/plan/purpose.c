/* What the image is for: some are built upon, entered, or run by somebody who picks the account. */
#include "plan/plan.h"

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
	return !holds(text, STR("\"target\"")) &&
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

/* The Dockerfile beside it is FROM an image that nobody else provides and that is called a base as well. */
static bool is_base_of_sibling(const struct plan *p)
{
	const struct facts *f = p->f;
	struct document doc;
	struct stages stages;
	struct str text = is_called_base(own_name(p)) ? beside(p, STR("Dockerfile")) : STR("");
	if (text.n == 0)
		return false;
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
		if (holds(from.base.text, STR("base")) &&
		    !(stage->base.n && image_find(f->tables->images, stage->base)))
			return true;
	}
	return false;
}

static const char *special(const struct plan *p)
{
	if (is_action(p))
		return "it is a GitHub action's: the runner expects root there";
	if (is_dev_container(p))
		return "it is a dev container's: remoteUser in devcontainer.json says who works in it";
	if (is_base_of_sibling(p))
		return "it is the base of the Dockerfile beside it: the images built upon it decide";
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
		explain(p, INS_NONE, STR("a Windows image: USER ContainerUser runs it without administrator's rights, and is there already"));
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
