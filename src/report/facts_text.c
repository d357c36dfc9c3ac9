/* The facts for people: short lines, the most important first, the evidence in parentheses. */
#include "model/family.h"
#include "report/facts.h"
#include "report/report.h"

struct page {
	struct arena *a;
	struct buf *out;
	const struct facts *f;
	uint32_t only; /* an instruction that alone is of interest, or INS_NONE */
};

/* Appends a line; what comes from files is cleaned by the way. */
static void line(struct page *p, const char *format, ...) __attribute__((format(printf, 2, 3)));
static void line(struct page *p, const char *format, ...)
{
	va_list args;
	va_start(args, format);
	struct str text = arena_vprintf(p->a, format, args);
	va_end(args);
	report_clean(p->out, text);
	buf_char(p->out, '\n');
}

/* Whether what an instruction shows is left out. */
static bool skips(const struct page *p, uint32_t ins)
{
	return p->only != INS_NONE && p->only != ins;
}

/* The same for what the whole stage shows. */
static bool skips_stage(const struct page *p)
{
	return skips(p, p->f->stages->at[p->f->target].from);
}

static uint32_t line_of(const struct page *p, uint32_t ins)
{
	return p->f->doc->instructions.at[ins].line;
}

/* "line 7", or where the file ends. */
static struct str place_of(const struct page *p, uint32_t ins)
{
	if (ins >= p->f->doc->instructions.n)
		return STR("the end");
	return arena_printf(p->a, "line %u", line_of(p, ins));
}

static struct str keyword_at(const struct page *p, uint32_t ins)
{
	return keyword_name((enum keyword)p->f->doc->instructions.at[ins].keyword);
}

/* "USER, line 3", or what there is instead of a line. */
static struct str evidence(const struct page *p, uint32_t ins, struct str why)
{
	if (ins == INS_NONE)
		return why;
	struct str keyword = keyword_at(p, ins);
	if (why.n == 0 || str_eq(why, keyword))
		return arena_printf(p->a, "%.*s, line %u", STR_ARG(keyword), line_of(p, ins));
	return arena_printf(p->a, "%.*s; line %u", STR_ARG(why), line_of(p, ins));
}

static void add_user(struct page *p)
{
	const struct user *user = facts_user(p->f);
	if (skips(p, user->ins) && skips_stage(p))
		return;
	struct str why = evidence(p, user->ins, user->why);
	if (user->kind == USER_UNKNOWN)
		line(p, "  Whether it runs as root is not known (%.*s).", STR_ARG(why));
	else if (user->kind == USER_ROOT)
		line(p, "  It runs as root (%.*s).", STR_ARG(why));
	else
		line(p, "  It runs as %.*s (%.*s).", STR_ARG(user->text), STR_ARG(why));
}

static void add_start(struct page *p)
{
	const struct start *start = &p->f->start;
	struct str why = evidence(p, start->ins, facts_start_why(p->a, start));
	if (skips(p, start->ins))
		return;
	struct str what = start->program.n ? start->program : STR("what its base starts");
	switch (start->verdict) {
	case VERDICT_RUNS:
		line(p, "  It starts %.*s (%.*s).", STR_ARG(what), STR_ARG(why));
		break;
	case VERDICT_PROMPT: line(p, "  It starts nothing of its own (%.*s).", STR_ARG(why)); break;
	case VERDICT_ROOT: line(p, "  It starts as root for a reason (%.*s).", STR_ARG(why)); break;
	case VERDICT_PLATFORM: line(p, "  A service starts it (%.*s).", STR_ARG(why)); break;
	case VERDICT_UNKNOWN: line(p, "  Whether its start needs root is not known (%.*s).", STR_ARG(why)); break;
	}
	for (size_t i = 0; i < start->scripts.n; i++)
		line(p, "  The script %.*s was read.", STR_ARG(start->scripts.at[i]));
}

static void add_purpose(struct page *p)
{
	static const char *const texts[] = {
		[PURPOSE_UNKNOWN] = "  What it is for is not known (%.*s).",
		[PURPOSE_APPLICATION] = "  It is an application (%.*s).",
		[PURPOSE_BASE] = "  It is made to be built upon or entered (%.*s).",
	};
	struct str why;
	if (skips_stage(p))
		return;
	switch (facts_purpose(p->f, &why)) {
	case PURPOSE_UNKNOWN: line(p, texts[PURPOSE_UNKNOWN], STR_ARG(why)); break;
	case PURPOSE_APPLICATION: line(p, texts[PURPOSE_APPLICATION], STR_ARG(why)); break;
	case PURPOSE_BASE: line(p, texts[PURPOSE_BASE], STR_ARG(why)); break;
	}
}

static struct str handover_place(const struct page *p, const struct handover *h)
{
	if (h->how == HAND_WITH_ACCOUNT)
		return STR("in the step that makes the account");
	struct str place = place_of(p, h->ins);
	return arena_printf(p->a, "%s %.*s", h->how == HAND_APPEND ? "in the step of" : "above", STR_ARG(place));
}

static void add_user_steps(struct page *p, const struct plan *plan)
{
	const struct owner *owner = &plan->owner;
	line(p, "  It would run as %.*s (%.*s).", STR_ARG(owner->user), STR_ARG(owner->why));
	if (plan->user_replace != INS_NONE)
		line(p, "    The USER of line %u would name it.", line_of(p, plan->user_replace));
	else if (plan->user_before != INS_NONE)
		line(p, "    USER would stand above %.*s.", STR_ARG(place_of(p, plan->user_before)));
	else if (plan->user_after != INS_NONE)
		line(p, "    USER would stand below %.*s.", STR_ARG(place_of(p, plan->user_after)));
	for (size_t i = 0; i < plan->trees.n; i++)
		line(p, "    %.*s belongs to the app.", STR_ARG(plan->trees.at[i]));
}

static void add_steps(struct page *p, const struct plan *plan)
{
	const struct owner *owner = &plan->owner;
	if (!skips_stage(p))
		add_user_steps(p, plan);
	for (size_t i = 0; i < plan->chown_copies.n; i++) {
		uint32_t ins = p->f->copies.at[plan->chown_copies.at[i]].ins;
		if (skips(p, ins))
			continue;
		line(p, "    %.*s of line %u would get --chown=%.*s.", STR_ARG(keyword_at(p, ins)), line_of(p, ins),
		     STR_ARG(owner->chown));
	}
	for (size_t i = 0; i < plan->handovers.n; i++) {
		const struct handover *h = &plan->handovers.at[i];
		if (h->how == HAND_WITH_ACCOUNT ? skips_stage(p) : skips(p, h->ins))
			continue;
		line(p, "    %.*s would be handed over%s (%.*s).", STR_ARG(h->path), h->recursive ? " with all below it" : "",
		     STR_ARG(handover_place(p, h)));
	}
	for (size_t i = 0; i < plan->ports.n; i++)
		if (!skips(p, plan->ports.at[i].ins))
			line(p, "    Port %u would become %u.", plan->ports.at[i].from, plan->ports.at[i].to);
}

static void add_verdict(struct page *p, const struct plan *plan)
{
	if (!plan->wanted)
		line(p, "  There is nothing to fix.");
	else if (plan->explained)
		line(p, "  It is not fixed, only explained:");
	else
		line(p, "  A fix would be %s%s", report_class_name(plan->cls), plan->reasons.n ? ":" : ".");
}

static void add_plan(struct page *p, const struct plan *plan)
{
	bool whole = !skips_stage(p);
	if (whole)
		add_verdict(p, plan);
	if (!plan->wanted)
		return;
	for (size_t i = 0; i < plan->reasons.n; i++) {
		const struct reason *r = &plan->reasons.at[i];
		if (!whole && skips(p, r->ins))
			continue;
		if (r->ins == INS_NONE)
			line(p, "    %.*s.", STR_ARG(r->text));
		else
			line(p, "    %.*s (line %u).", STR_ARG(r->text), line_of(p, r->ins));
	}
	if (plan->follow.n && whole)
		line(p, "  Then: %.*s.", STR_ARG(plan->follow));
	if (!plan->explained)
		add_steps(p, plan);
}

static void add_image(struct page *p)
{
	const struct facts *f = p->f;
	const struct image *image = f->image;
	struct str user = image && image->user.n ? image->user : STR("root");
	if (skips(p, f->stages->at[f->chain[0]].from))
		return;
	if (f->family == FAMILY_UNKNOWN)
		line(p, "  The family of its base is not known (%.*s).", STR_ARG(f->family_why));
	else
		line(p, "  Its base is of the family %.*s (%.*s%s).", STR_ARG(family_name(f->family)), STR_ARG(f->family_why),
		     f->family_sure ? "" : "; not verified");
	if (f->tools != TOOLS_UNKNOWN)
		line(p, "    Accounts are made with: %s.", facts_tools_name(f->tools));
	if (!image)
		return;
	if (image->user_known)
		line(p, "    Its own user is %.*s (%.*s).", STR_ARG(user), STR_ARG(image->evidence));
	if (image->app)
		line(p, "    Its account for the app is %.*s, %u:%u.", STR_ARG(image->app->name), image->app->uid, image->app->gid);
	if (image->entrypoint.n)
		line(p, "    Its entrypoint is %.*s.", STR_ARG(image->entrypoint));
	if (image->drops.n)
		line(p, "    It gives root up by itself: %.*s.", STR_ARG(image->drops));
	if (image->pitfalls.n)
		line(p, "    Mind: %.*s.", STR_ARG(image->pitfalls));
}

static void add_accounts(struct page *p)
{
	const struct accounts *all = &p->f->accounts;
	for (size_t i = 0; i < all->users.n; i++) {
		const struct file_account *u = &all->users.at[i];
		if (skips(p, u->ins))
			continue;
		struct str uid = u->uid_known ? arena_printf(p->a, "uid %u", u->uid) : STR("uid not known");
		line(p, "  It %s the account %.*s, %.*s (%.*s, line %u).", u->removed ? "removes" : u->changed ? "changes" : "makes",
		     STR_ARG(u->name), STR_ARG(uid), STR_ARG(u->tool), line_of(p, u->ins));
	}
}

static void add_users(struct page *p)
{
	for (size_t i = 0; i + 1 < p->f->users.n; i++) {
		const struct user *user = &p->f->users.at[i];
		struct str text = user->kind == USER_UNKNOWN ? STR("a user that is not known")
				  : user->text.n	     ? user->text
							     : STR("root");
		if (!skips(p, user->ins))
			line(p, "  %s it is %.*s (%.*s).", p->only == INS_NONE ? "Before that" : "From here on", STR_ARG(text),
			     STR_ARG(evidence(p, user->ins, user->why)));
	}
	for (size_t i = 0; i < p->f->workdirs.n; i++) {
		const struct workdir *d = &p->f->workdirs.at[i];
		if (skips(p, d->ins))
			continue;
		if (d->ins != INS_NONE && d->known)
			line(p, "  It works in %.*s (line %u).", STR_ARG(d->path), line_of(p, d->ins));
		else if (d->ins != INS_NONE)
			line(p, "  Where it works is not known (line %u).", line_of(p, d->ins));
	}
}

/* " (apt-get; nginx)": the commands and the package that a step's flags rest on, each once. */
static struct str run_evidence(const struct page *p, const struct run *run)
{
	const struct str names[] = {run->words->opaque, run->words->root_command, run->words->package};
	struct buf b = buf_new(p->a);
	for (int i = 0; i < 3; i++)
		if (names[i].n && !(i > 0 && str_eq(names[i], names[i - 1])))
			buf_printf(&b, "%s%.*s", b.n ? "; " : " (", STR_ARG(names[i]));
	if (b.n)
		buf_char(&b, ')');
	return buf_str(&b);
}

static void add_runs(struct page *p)
{
	for (size_t i = 0; i < p->f->runs.n; i++) {
		const struct run *run = &p->f->runs.at[i];
		if (skips(p, run->ins))
			continue;
		uint32_t rest = run->flags & ~(uint32_t)RUN_APPENDABLE;
		struct buf words = buf_new(p->a);
		for (const char *name; (name = facts_take_flag(&rest));)
			buf_printf(&words, "%s%s", words.n ? ", " : "", name);
		line(p, "  RUN of line %u: %.*s%.*s.", line_of(p, run->ins), STR_ARG(words.n ? buf_str(&words) : STR("harmless")),
		     STR_ARG(run_evidence(p, run)));
	}
}

static void add_paths(struct page *p)
{
	static const char *const verbs[] = {
		[MADE_DIRECTORY] = "is made",	   [MADE_FILE] = "is made, empty",  [MADE_CONTENT] = "is written",
		[MADE_FILLED] = "is filled",	   [MADE_TREE] = "is worked in",    [MADE_QUIET] = "is filled for reading",
		[MADE_OWNER] = "gets an owner",	   [MADE_MODE] = "gets a mode",	    [MADE_REMOVED] = "is removed",
	};
	const struct facts *f = p->f;
	for (size_t i = 0; i < f->made.n; i++) {
		const struct made *m = &f->made.at[i];
		if (skips(p, m->run == RUN_START ? f->start.ins : f->runs.at[m->run].ins))
			continue;
		struct str owner = m->owner.n ? arena_printf(p->a, ", %.*s", STR_ARG(m->owner)) : STR("");
		struct str where = m->run == RUN_START ? STR("at start")
						       : arena_printf(p->a, "line %u", line_of(p, f->runs.at[m->run].ins));
		line(p, "  %.*s %s%.*s (%.*s).", STR_ARG(m->path), verbs[m->kind], STR_ARG(owner), STR_ARG(where));
	}
	for (size_t i = 0; i < f->copies.n; i++) {
		const struct copy *c = &f->copies.at[i];
		if (skips(p, c->ins))
			continue;
		struct str owner = c->has_chown ? arena_printf(p->a, ", for %.*s", STR_ARG(c->flags->chown)) : STR("");
		line(p, "  %.*s is copied to%.*s (line %u).", STR_ARG(c->dest.n ? c->dest : STR("A place that is not known")),
		     STR_ARG(owner), line_of(p, c->ins));
	}
	for (size_t i = 0; i < f->volumes.n; i++) {
		if (skips(p, f->volumes.at[i].ins))
			continue;
		line(p, "  %.*s is a volume (line %u).",
		     STR_ARG(f->volumes.at[i].path.n ? f->volumes.at[i].path : STR("A place that is not known")),
		     line_of(p, f->volumes.at[i].ins));
	}
	for (size_t i = 0; i < f->exposes.n; i++) {
		const struct exposed *e = &f->exposes.at[i];
		if (skips(p, e->ins))
			continue;
		struct str last = e->last != e->port ? arena_printf(p->a, "-%u", e->last) : STR("");
		line(p, "  Port %u%.*s/%s is exposed (line %u).", e->port, STR_ARG(last), e->udp ? "udp" : "tcp",
		     line_of(p, e->ins));
	}
}

static void add_unknown_variables(struct page *p)
{
	for (size_t i = 0; i < p->f->variables.n && !skips_stage(p); i++) {
		const struct named_variable *named = &p->f->variables.at[i];
		struct str why = facts_variable_why(named->variable);
		if (why.n)
			line(p, "  The value of %.*s is not known (%.*s).", STR_ARG(named->name), STR_ARG(why));
	}
}

static void add_target(struct page *p, const char *path, const struct plan *plan)
{
	const struct facts *f = p->f;
	struct from from;
	stages_from(p->a, f->stages, f->doc, f->target, &from);
	struct str name = from.name.n ? from.name : arena_printf(p->a, "%u", f->target);
	if (path)
		line(p, "%s: stage %.*s (line %u)", path, STR_ARG(name), line_of(p, f->stages->at[f->target].from));
	add_user(p);
	add_purpose(p);
	add_start(p);
	add_plan(p, plan);
	add_image(p);
	add_accounts(p);
	add_users(p);
	add_unknown_variables(p);
	add_runs(p);
	add_paths(p);
}

void facts_text(struct arena *a, const char *path, const struct plan *const *plans, size_t n, struct buf *out)
{
	for (size_t i = 0; i < n; i++) {
		struct page page = {a, out, plans[i]->f, INS_NONE};
		if (i > 0)
			buf_char(out, '\n');
		add_target(&page, path, plans[i]);
	}
}

void facts_text_at(struct arena *a, const struct plan *const *plans, size_t n, uint32_t ins, struct buf *out)
{
	for (size_t i = 0; i < n; i++) {
		struct page page = {a, out, plans[i]->f, ins};
		add_target(&page, NULL, plans[i]);
	}
}
