/* The facts as JSON: docs/facts.md. */
#include "model/family.h"
#include "report/facts.h"
#include "report/json.h"
#include "report/report.h"

/* What is being written. After the first failure nothing more is made. */
struct writer {
	struct arena *a;
	const struct facts *f;
	struct source source;
	bool ok;
};

static void set(struct writer *w, json_t *o, const char *key, json_t *value)
{
	w->ok = json_object_set_new(o, key, value) == 0 && w->ok;
}

static void append(struct writer *w, json_t *array, json_t *value)
{
	w->ok = json_array_append_new(array, value) == 0 && w->ok;
}

/* Bytes of the file, or null for what is empty. */
static void set_bytes(struct writer *w, json_t *o, const char *key, struct str bytes)
{
	w->ok = (bytes.n ? json_set_bytes(w->a, o, key, bytes) : json_object_set_new(o, key, json_null()) == 0) && w->ok;
}

static void set_number(struct writer *w, json_t *o, const char *key, size_t number)
{
	w->ok = json_set_number(o, key, number) && w->ok;
}

static void set_flag(struct writer *w, json_t *o, const char *key, bool value)
{
	set(w, o, key, json_boolean(value));
}

/* A text for people. */
static void set_text(struct writer *w, json_t *o, const char *key, struct str text)
{
	w->ok = json_set_text(w->a, o, key, arena_str(w->a, text).p) && w->ok;
}

static void set_span(struct writer *w, json_t *o, struct span span)
{
	json_t *at = json_object();
	struct position start = source_position(w->a, &w->source, span.start);
	struct position end = source_position(w->a, &w->source, span.end);
	set_number(w, at, "start", span.start);
	set_number(w, at, "end", span.end);
	set_number(w, at, "line", start.line);
	set_number(w, at, "column", start.column);
	set_number(w, at, "end_line", end.line);
	set_number(w, at, "end_column", end.column);
	set(w, o, "at", at);
}

/* An instruction's place in the file; behind the last one it is the end of the file. */
static struct span span_of(const struct writer *w, uint32_t ins)
{
	uint32_t end = (uint32_t)w->source.bytes.n;
	if (ins >= w->f->doc->instructions.n)
		return (struct span){end, end};
	const struct instruction *in = &w->f->doc->instructions.at[ins];
	return (struct span){in->start, in->end};
}

/* The instruction that shows a fact; null for none. */
static void set_place(struct writer *w, json_t *o, uint32_t ins)
{
	if (ins == INS_NONE)
		set(w, o, "at", json_null());
	else
		set_span(w, o, span_of(w, ins));
}

/* The same for what holds where a stage begins: the base is what shows it. */
static void set_place_or_base(struct writer *w, json_t *o, uint32_t ins)
{
	struct from from;
	if (ins != INS_NONE) {
		set_place(w, o, ins);
		return;
	}
	stages_from(w->a, w->f->stages, w->f->doc, w->f->chain[0], &from);
	set_span(w, o, from.base.span);
}

/* A fact: "value", "known", "why". */
static json_t *fact(struct writer *w, struct str value, bool known, struct str why)
{
	json_t *o = json_object();
	set_bytes(w, o, "value", value);
	set_flag(w, o, "known", known);
	set_text(w, o, "why", why);
	return o;
}

static struct str keyword_of_ins(const struct writer *w, uint32_t ins)
{
	if (ins >= w->f->doc->instructions.n)
		return STR("the base image");
	return keyword_name((enum keyword)w->f->doc->instructions.at[ins].keyword);
}

static json_t *fact_of(struct writer *w, struct str value, bool known, uint32_t ins)
{
	json_t *o = fact(w, value, known,
			 known ? keyword_of_ins(w, ins)
			       : arena_printf(w->a, "%.*s: depends on what is not known here", STR_ARG(keyword_of_ins(w, ins))));
	set_place_or_base(w, o, ins);
	return o;
}

static json_t *lines(struct writer *w, struct str text)
{
	json_t *array = json_array();
	struct str line;
	while (text.n && str_split(&text, '\n', &line)) {
		json_t *o = json_object();
		set_bytes(w, o, "path", line);
		append(w, array, o);
	}
	return array;
}

static json_t *stages_json(struct writer *w)
{
	json_t *array = json_array();
	const struct stages *stages = w->f->stages;
	for (uint32_t i = 0; i < stages->n; i++) {
		const struct stage *s = &stages->at[i];
		json_t *o = json_object(), *base;
		struct from from;
		stages_from(w->a, stages, w->f->doc, i, &from);
		struct str unresolved = from.expanded.unresolved.n ? from.expanded.unresolved : from.base.text;
		set_number(w, o, "index", i);
		set_bytes(w, o, "name", from.name);
		base = fact(w, s->base, s->base.n > 0,
			    s->base.n ? STR("FROM") : arena_printf(w->a, "%.*s has no value here", STR_ARG(unresolved)));
		set_bytes(w, base, "written", from.base.text);
		set_span(w, base, from.base.span);
		set(w, o, "base", base);
		set(w, o, "parent", s->parent == STAGE_NONE ? json_null() : json_integer(s->parent));
		set_bytes(w, o, "platform", from.platform);
		set_number(w, o, "children", s->children);
		set_flag(w, o, "copied_from", s->copied_from);
		set_place(w, o, s->from);
		append(w, array, o);
	}
	return array;
}

static json_t *image_account(struct writer *w, const struct account *account)
{
	if (!account)
		return json_null();
	json_t *o = json_object();
	set_bytes(w, o, "name", account->name);
	set(w, o, "uid", account->ids_known ? json_integer(account->uid) : json_null());
	set(w, o, "gid", account->ids_known ? json_integer(account->gid) : json_null());
	set_bytes(w, o, "home", account->home);
	return o;
}

static json_t *words_json(struct writer *w, struct str text)
{
	json_t *array = json_array();
	struct str word;
	while (str_word(&text, &word))
		append(w, array, json_stringn(word.p, word.n));
	return array;
}

static json_t *image_json(struct writer *w)
{
	const struct image *image = w->f->image;
	if (!image)
		return json_null();
	json_t *o = json_object(), *accounts = json_array(), *ports = json_array();
	struct str user = image->user.n ? image->user : STR("root");
	set_text(w, o, "family", family_name(image->family));
	set_text(w, o, "tools", str_of(facts_tools_name(image->tools)));
	set_text(w, o, "tools_manager", image->tools_manager);
	set_text(w, o, "tools_package", image->tools_package);
	set_flag(w, o, "has_shell", image->has_shell);
	for (uint32_t i = 0; i < image->naccounts; i++)
		append(w, accounts, image_account(w, &image->accounts[i]));
	set(w, o, "accounts", accounts);
	set(w, o, "app_account", image_account(w, image->app));
	set(w, o, "default_user", fact(w, image->user_known ? user : STR(""), image->user_known, image->evidence));
	set_text(w, o, "start", str_of(facts_default_start_name(image->start)));
	set(w, o, "entrypoint", fact(w, image->entrypoint, image->entrypoint_known, image->evidence));
	set(w, o, "workdir", fact(w, image->workdir, image->workdir_known, image->evidence));
	set_bytes(w, o, "drops", image->drops);
	set_bytes(w, o, "recipe", image->recipe);
	for (uint32_t i = 0; i < image->nlow_ports; i++)
		append(w, ports, json_integer(image->low_ports[i]));
	set(w, o, "low_ports", ports);
	set(w, o, "writable", words_json(w, image->writable));
	set_text(w, o, "pitfalls", image->pitfalls);
	set_flag(w, o, "sure", image->sure == SURE_ALL);
	set_text(w, o, "evidence", image->evidence);
	set_number(w, o, "row", image->row);
	set_flag(w, o, "configured", image->configured);
	return o;
}

static json_t *user_json(struct writer *w, const struct user *user)
{
	json_t *o = fact(w, user->text, user->kind != USER_UNKNOWN, user->why);
	set_text(w, o, "kind", str_of(facts_user_name(user->kind)));
	set_place_or_base(w, o, user->ins);
	return o;
}

static json_t *variables_json(struct writer *w, bool env)
{
	json_t *array = json_array();
	for (size_t i = 0; i < w->f->variables.n; i++) {
		const struct named_variable *named = &w->f->variables.at[i];
		const struct variable *v = named->variable;
		if (v->from_env != env)
			continue;
		struct str why = facts_variable_why(v);
		json_t *o = fact(w, STR(""), v->known, why.n ? why : env ? STR("ENV") : STR("ARG"));
		if (v->known) /* an empty value is one, too */
			w->ok = json_set_bytes(w->a, o, "value", v->value) && w->ok;
		set_bytes(w, o, "name", named->name);
		if (v->span.end)
			set_span(w, o, v->span);
		else
			set(w, o, "at", json_null());
		append(w, array, o);
	}
	return array;
}

static json_t *accounts_json(struct writer *w)
{
	json_t *o = json_object(), *users = json_array(), *groups = json_array();
	const struct accounts *all = &w->f->accounts;
	for (size_t i = 0; i < all->users.n; i++) {
		const struct file_account *u = &all->users.at[i];
		json_t *account = json_object();
		set_bytes(w, account, "name", u->name);
		set(w, account, "uid", u->uid_known ? json_integer(u->uid) : json_null());
		set(w, account, "gid", u->gid_known ? json_integer(u->gid) : json_null());
		set_bytes(w, account, "group", u->group);
		set_bytes(w, account, "home", u->home);
		set_flag(w, account, "home_made", u->home_made);
		set_bytes(w, account, "shell", u->shell);
		set_flag(w, account, "system", u->system);
		set_flag(w, account, "changed", u->changed);
		set_flag(w, account, "removed", u->removed);
		set_text(w, account, "why", u->tool);
		set_place(w, account, u->ins);
		append(w, users, account);
	}
	for (size_t i = 0; i < all->groups.n; i++) {
		const struct file_group *g = &all->groups.at[i];
		json_t *group = json_object();
		set_bytes(w, group, "name", g->name);
		set(w, group, "gid", g->gid_known ? json_integer(g->gid) : json_null());
		set_flag(w, group, "removed", g->removed);
		set_place(w, group, g->ins);
		append(w, groups, group);
	}
	set(w, o, "users", users);
	set(w, o, "groups", groups);
	return o;
}

/* In whose name and where a step runs. */
static void set_surroundings(struct writer *w, json_t *o, uint32_t user, uint32_t workdir)
{
	const struct user *u = &w->f->users.at[user];
	const struct workdir *d = &w->f->workdirs.at[workdir];
	set_text(w, o, "user_kind", str_of(facts_user_name(u->kind)));
	set_bytes(w, o, "user", u->text);
	set_bytes(w, o, "workdir", d->known ? d->path : STR(""));
}

static json_t *runs_json(struct writer *w)
{
	json_t *array = json_array();
	for (size_t i = 0; i < w->f->runs.n; i++) {
		const struct run *run = &w->f->runs.at[i];
		json_t *o = json_object(), *flags = json_array();
		uint32_t rest = run->flags;
		for (const char *name; (name = facts_take_flag(&rest));)
			append(w, flags, json_string(name));
		set_flag(w, o, "known", !(run->flags & (RUN_OPAQUE | RUN_UNREADABLE)));
		set(w, o, "flags", flags);
		set_bytes(w, o, "unknown_command", run->words->opaque);
		set_bytes(w, o, "root_command", run->words->root_command);
		set_bytes(w, o, "package", run->words->package);
		set_surroundings(w, o, run->user, run->workdir);
		set_place(w, o, run->ins);
		append(w, array, o);
	}
	return array;
}

static json_t *made_json(struct writer *w)
{
	json_t *array = json_array();
	for (size_t i = 0; i < w->f->made.n; i++) {
		const struct made *made = &w->f->made.at[i];
		json_t *o = json_object();
		bool start = made->run == RUN_START;
		set_bytes(w, o, "path", made->path);
		set_text(w, o, "how", str_of(facts_made_name(made->kind)));
		set_bytes(w, o, "owner", made->kind == MADE_OWNER ? made->owner : STR(""));
		set_bytes(w, o, "mode", made->kind == MADE_MODE ? made->owner : STR(""));
		set_flag(w, o, "recursive", made->recursive);
		set_flag(w, o, "at_start", start);
		set(w, o, "run", start ? json_null() : json_integer(made->run));
		set_place(w, o, start ? w->f->start.ins : w->f->runs.at[made->run].ins);
		append(w, array, o);
	}
	return array;
}

static json_t *copies_json(struct writer *w)
{
	json_t *array = json_array();
	for (size_t i = 0; i < w->f->copies.n; i++) {
		const struct copy *c = &w->f->copies.at[i];
		json_t *o = json_object();
		set(w, o, "sources", lines(w, c->sources));
		set(w, o, "dest", fact_of(w, c->dest, c->dest.n > 0, c->ins));
		set_flag(w, o, "dest_is_directory", c->dest_slash);
		set_flag(w, o, "add", c->add);
		set_bytes(w, o, "from", c->flags->from);
		set_bytes(w, o, "chown", c->flags->chown);
		set_flag(w, o, "has_chmod", c->has_chmod);
		set_flag(w, o, "link", c->link);
		set_flag(w, o, "remote", c->remote);
		set_flag(w, o, "archive", c->archive);
		set_flag(w, o, "heredoc", c->heredoc);
		set_surroundings(w, o, c->user, c->workdir);
		set_place(w, o, c->ins);
		append(w, array, o);
	}
	return array;
}

static json_t *ports_json(struct writer *w)
{
	json_t *array = json_array();
	for (size_t i = 0; i < w->f->exposes.n; i++) {
		const struct exposed *e = &w->f->exposes.at[i];
		json_t *o = json_object();
		set_number(w, o, "port", e->port);
		set_number(w, o, "last", e->last);
		set_text(w, o, "protocol", e->udp ? STR("udp") : STR("tcp"));
		set_flag(w, o, "editable", e->editable);
		set_text(w, o, "why", STR("EXPOSE"));
		set_span(w, o, e->span);
		append(w, array, o);
	}
	return array;
}

static json_t *start_json(struct writer *w)
{
	const struct start *start = &w->f->start;
	json_t *o = json_object(), *words = json_array(), *scripts = json_array();
	set_text(w, o, "verdict", str_of(facts_verdict_name(start->verdict)));
	set_flag(w, o, "known", start->verdict != VERDICT_UNKNOWN);
	set_text(w, o, "why", facts_start_why(w->a, start));
	set_bytes(w, o, "program", start->program);
	set_bytes(w, o, "recipe", start->recipe);
	set_flag(w, o, "tools", start->tools);
	for (size_t i = 0; i < start->words.n; i++) {
		const struct start_word *word = &start->words.at[i];
		json_t *one = json_object();
		w->ok = json_set_bytes(w->a, one, "text", word->text) && w->ok;
		set_flag(w, one, "exec_form", word->exec);
		set_span(w, one, word->span);
		append(w, words, one);
	}
	set(w, o, "words", words);
	for (size_t i = 0; i < start->scripts.n; i++) {
		json_t *one = json_object();
		set_bytes(w, one, "path", start->scripts.at[i]);
		append(w, scripts, one);
	}
	set(w, o, "scripts", scripts);
	set_place(w, o, start->ins);
	return o;
}

/* An instruction of which the last one counts. */
static json_t *last_json(struct writer *w, struct last last)
{
	json_t *o = json_object();
	set_bytes(w, o, "value", last.ins == INS_NONE ? STR("") : source_text(&w->source, span_of(w, last.ins)));
	set(w, o, "stage", last.ins == INS_NONE ? json_null() : json_integer(last.stage));
	set_place(w, o, last.ins);
	return o;
}

static json_t *owner_json(struct writer *w, const struct owner *owner)
{
	json_t *o = json_object();
	bool made = owner->kind == OWNER_NEW;
	set_text(w, o, "kind", str_of(facts_owner_name(owner->kind)));
	set_bytes(w, o, "user", owner->user);
	set_bytes(w, o, "chown", owner->chown);
	set_bytes(w, o, "numeric", owner->numeric);
	set_bytes(w, o, "name", owner->name);
	set_bytes(w, o, "group", owner->group);
	set(w, o, "uid", made ? json_integer(owner->uid) : json_null());
	set(w, o, "gid", made ? json_integer(owner->gid) : json_null());
	set_bytes(w, o, "home", owner->home);
	set_text(w, o, "why", owner->why);
	set_place(w, o, owner->ins);
	return o;
}

static json_t *handovers_json(struct writer *w, const struct plan *p)
{
	json_t *array = json_array();
	for (size_t i = 0; i < p->handovers.n; i++) {
		const struct handover *h = &p->handovers.at[i];
		json_t *o = json_object();
		set_bytes(w, o, "path", h->path);
		set_text(w, o, "how", str_of(facts_handover_name(h->how)));
		set_flag(w, o, "recursive", h->recursive);
		set_flag(w, o, "only_roots", h->adopt);
		set_flag(w, o, "make", h->make);
		set_flag(w, o, "later", h->later);
		set_place(w, o, h->how == HAND_WITH_ACCOUNT ? INS_NONE : h->ins);
		append(w, array, o);
	}
	return array;
}

static json_t *port_changes_json(struct writer *w, const struct plan *p)
{
	json_t *array = json_array();
	for (size_t i = 0; i < p->ports.n; i++) {
		const struct port_change *change = &p->ports.at[i];
		json_t *o = json_object(), *edits = json_array();
		set_number(w, o, "from", change->from);
		set_number(w, o, "to", change->to);
		for (size_t e = 0; e < change->edits.n; e++) {
			json_t *edit = json_object();
			set_bytes(w, edit, "text", change->edits.at[e].text);
			set_span(w, edit, change->edits.at[e].span);
			append(w, edits, edit);
		}
		set(w, o, "edits", edits);
		set_place(w, o, change->ins);
		append(w, array, o);
	}
	return array;
}

/* The instruction at which something is inserted; null for none. */
static void set_anchor(struct writer *w, json_t *o, const char *key, uint32_t ins)
{
	json_t *anchor = json_null();
	if (ins != INS_NONE) {
		anchor = json_object();
		set_place(w, anchor, ins);
	}
	set(w, o, key, anchor);
}

static json_t *plan_json(struct writer *w, const struct plan *p)
{
	json_t *o = json_object(), *reasons = json_array(), *trees = json_array(), *copies = json_array();
	bool made = p->wanted && !p->explained;
	set_flag(w, o, "wanted", p->wanted);
	set_flag(w, o, "explained", p->explained);
	set(w, o, "class", p->wanted ? json_string(report_class_name(p->cls)) : json_null());
	for (size_t i = 0; i < p->reasons.n; i++) {
		json_t *reason = json_object();
		set_text(w, reason, "class", str_of(report_class_name(p->reasons.at[i].cls)));
		set_text(w, reason, "why", p->reasons.at[i].text);
		set_place(w, reason, p->reasons.at[i].ins);
		append(w, reasons, reason);
	}
	set(w, o, "reasons", reasons);
	set(w, o, "owner", made ? owner_json(w, &p->owner) : json_null());
	set_anchor(w, o, "account_above", made ? p->account_at : INS_NONE);
	set_anchor(w, o, "user_above", made ? p->user_before : INS_NONE);
	set_anchor(w, o, "user_below", made ? p->user_after : INS_NONE);
	set_anchor(w, o, "user_replaces", made ? p->user_replace : INS_NONE);
	for (size_t i = 0; i < p->trees.n; i++) {
		json_t *tree = json_object();
		set_bytes(w, tree, "path", p->trees.at[i]);
		append(w, trees, tree);
	}
	set(w, o, "trees", trees);
	for (size_t i = 0; i < p->chown_copies.n; i++) {
		json_t *copy = json_object();
		set_place(w, copy, p->f->copies.at[p->chown_copies.at[i]].ins);
		append(w, copies, copy);
	}
	set(w, o, "chown_copies", copies);
	set(w, o, "handovers", handovers_json(w, p));
	set(w, o, "ports", port_changes_json(w, p));
	set_text(w, o, "follow", p->follow);
	return o;
}

static json_t *family_json(struct writer *w)
{
	const struct facts *f = w->f;
	json_t *o = fact(w, f->family == FAMILY_UNKNOWN ? STR("") : family_name(f->family), f->family != FAMILY_UNKNOWN,
			 f->family_why);
	set_place_or_base(w, o, INS_NONE);
	set_flag(w, o, "sure", f->family_sure);
	set_text(w, o, "tools", str_of(facts_tools_name(f->tools)));
	return o;
}

static json_t *purpose_json(struct writer *w)
{
	struct str why;
	enum purpose purpose = facts_purpose(w->f, &why);
	return fact(w, str_of(facts_purpose_name(purpose)), purpose != PURPOSE_UNKNOWN, why);
}

static json_t *image_name_json(struct writer *w)
{
	json_t *o = fact(w, w->f->image_name, w->f->image_name.n > 0, w->f->image_why);
	set_place_or_base(w, o, INS_NONE);
	return o;
}

static json_t *target_json(struct writer *w, const struct plan *p)
{
	const struct facts *f = w->f;
	json_t *o = json_object(), *chain = json_array(), *users = json_array(), *workdirs = json_array();
	json_t *volumes = json_array();
	set_number(w, o, "stage", f->target);
	for (uint32_t i = 0; i < f->nchain; i++)
		append(w, chain, json_integer(f->chain[i]));
	set(w, o, "chain", chain);
	set(w, o, "purpose", purpose_json(w));
	set(w, o, "effective_user", user_json(w, facts_user(f)));
	set(w, o, "start", start_json(w));
	set(w, o, "plan", plan_json(w, p));
	set(w, o, "image_name", image_name_json(w));
	set(w, o, "image", image_json(w));
	set(w, o, "family", family_json(w));
	for (size_t i = 0; i < f->users.n; i++)
		append(w, users, user_json(w, &f->users.at[i]));
	set(w, o, "users", users);
	for (size_t i = 0; i < f->workdirs.n; i++) {
		const struct workdir *d = &f->workdirs.at[i];
		append(w, workdirs, fact_of(w, d->known ? d->path : STR(""), d->known, d->ins));
	}
	set(w, o, "workdirs", workdirs);
	set(w, o, "env", variables_json(w, true));
	set(w, o, "args", variables_json(w, false));
	set(w, o, "accounts", accounts_json(w));
	set(w, o, "runs", runs_json(w));
	set(w, o, "made", made_json(w));
	set(w, o, "copies", copies_json(w));
	set(w, o, "exposes", ports_json(w));
	for (size_t i = 0; i < f->volumes.n; i++)
		append(w, volumes, fact_of(w, f->volumes.at[i].path, f->volumes.at[i].path.n > 0, f->volumes.at[i].ins));
	set(w, o, "volumes", volumes);
	set(w, o, "entrypoint", last_json(w, f->entrypoint));
	set(w, o, "cmd", last_json(w, f->cmd));
	set(w, o, "healthcheck", last_json(w, f->healthcheck));
	set(w, o, "shell", last_json(w, f->shell));
	set_flag(w, o, "has_onbuild", f->has_onbuild);
	return o;
}

bool facts_json(struct arena *a, const char *path, const struct plan *const *plans, size_t n, struct buf *out)
{
	struct writer w = {.a = a, .f = plans[0]->f, .source = plans[0]->f->doc->source, .ok = true};
	json_t *o = json_object(), *targets = json_array();
	set_number(&w, o, "schema", 1);
	set_bytes(&w, o, "path", str_of(path));
	set(&w, o, "stages", stages_json(&w));
	for (size_t i = 0; i < n; i++) {
		w.f = plans[i]->f;
		append(&w, targets, target_json(&w, plans[i]));
	}
	set(&w, o, "targets", targets);
	bool ok = json_add(out, o) && w.ok;
	buf_char(out, '\n');
	return ok;
}
