#include "fix/account.h"

#include "fix/spelling.h"
#include "fix/style.h"

enum { MAX_COMMAND = 4096 }; /* longer ones are not added to */

/* What placeholders stand for. */
struct values {
	const struct owner *owner;
	struct str manager, package; /* where the account tools have to be installed first */
};

static bool placeholder(const struct values *v, struct str name, struct buf *b)
{
	const struct owner *o = v->owner;
	if (str_eq(name, STR("user")))
		buf_add(b, o->name);
	else if (str_eq(name, STR("group")))
		buf_add(b, o->group);
	else if (str_eq(name, STR("uid")))
		buf_printf(b, "%u", o->uid);
	else if (str_eq(name, STR("gid")))
		buf_printf(b, "%u", o->gid);
	else if (str_eq(name, STR("home")))
		buf_add(b, o->home);
	else if (str_eq(name, STR("manager")))
		buf_add(b, v->manager);
	else if (str_eq(name, STR("package")))
		buf_add(b, v->package);
	else
		return false;
	return true;
}

/* Puts the values in; an unknown placeholder is given in `bad`. */
static struct str fill(struct arena *a, struct str line, const struct values *v, struct str *bad)
{
	struct buf b = buf_new(a);
	for (size_t i = 0; i < line.n; i++) {
		size_t close = line.p[i] == '{' ? str_find_char(line, '}', i) : STR_NONE;
		if (close == STR_NONE) {
			buf_char(&b, line.p[i]);
			continue;
		}
		struct str name = str_sub(line, i + 1, close);
		if (!placeholder(v, name, &b))
			*bad = name;
		i = close;
	}
	return buf_str(&b);
}

struct str account_template_fault(struct arena *a, struct str text)
{
	struct owner sample = {.name = STR("app"), .group = STR("app"), .home = STR("/home/app")};
	struct values values = {&sample, STR("dnf"), STR("shadow-utils")};
	struct str line, bad = STR("");
	bool any = false;
	while (str_split(&text, '\n', &line)) {
		line = str_trim(line);
		if (line.n == 0 || line.p[0] == '#')
			continue;
		any = true;
		fill(a, line, &values, &bad);
		if (bad.n)
			return arena_printf(a, "unknown placeholder {%.*s}; there are user, group, uid, gid, home, manager and package", STR_ARG(bad));
		if (line.p[line.n - 1] == '\\')
			return STR("a command must stand on one line");
	}
	return any ? (struct str){"", 0} : STR("there is no command in it");
}

void account_commands(struct arena *a, const struct tables *t, const struct plan *p, struct commands *out)
{
	const char *family = arena_str(a, family_name(p->f->family)).p;
	const char *variant = p->f->tools == TOOLS_INSTALL ? "-minimal" : "";
	struct str text = t->text(t->text_ctx, arena_printf(a, "%s%s/account", family, variant).p);
	struct values values = {&p->owner, p->f->tools_manager, p->f->tools_package};
	struct str line, bad;
	if (text.n == 0)
		text = t->text(t->text_ctx, arena_printf(a, "%s/account", family).p);
	while (str_split(&text, '\n', &line)) {
		line = str_trim(line);
		if (line.n && line.p[0] != '#')
			*VEC_PUSH(a, *out) = fill(a, line, &values, &bad);
	}
}

/* A command that more may be added to. */
static void push_growing(struct arena *a, struct commands *out, struct str command)
{
	out->above = out->last;
	out->last = buf_new(a);
	buf_add(&out->last, command);
	*VEC_PUSH(a, *out) = buf_str(&out->last);
}

static void join(struct buf *growing, struct str *command, struct str path)
{
	buf_char(growing, ' ');
	buf_add(growing, path);
	*command = buf_str(growing);
}

/* Whether `command` is the one that stands in `growing`, and more may be added to it. */
static bool grows(const struct buf *growing, const struct str *command)
{
	return growing->p && command->p == growing->p && command->n < MAX_COMMAND;
}

void handover_add(struct arena *a, const struct plan *p, const struct handover *h, struct commands *out)
{
	struct str end = (h->recursive || h->adopt) && facts_is_link(p->f, h->path) ? STR("/") : STR("");
	struct str path = arena_printf(a, "%.*s%.*s", STR_ARG(spelling_of(a, p, h)), STR_ARG(end)), owner = p->owner.chown;
	struct str *last = out->n ? &out->at[out->n - 1] : NULL, *above = out->n > 1 ? last - 1 : NULL;
	bool grown = last && grows(&out->last, last);
	if (h->bare && grown && str_starts(*last, STR("mkdir -p "))) {
		join(&out->last, last, path);
		return;
	}
	if (h->make && grown && above && grows(&out->above, above) && str_starts(*above, STR("mkdir -p ")) &&
	    str_starts(*last, STR("chown "))) {
		join(&out->above, above, path);
		join(&out->last, last, path);
		return;
	}
	if (h->make)
		push_growing(a, out, arena_printf(a, "mkdir -p %.*s", STR_ARG(path)));
	if (h->bare)
		return;
	if (h->adopt && p->f->tools == TOOLS_BUSYBOX) { /* BusyBox chown has no --from */
		push_growing(a, out, arena_printf(a, "find %.*s -user root -exec chown -h %.*s {} +", STR_ARG(path), STR_ARG(owner)));
		return;
	}
	struct str chown = arena_printf(a, "chown %s%s%.*s ", h->recursive || h->adopt ? "-R " : "", h->adopt ? "--from=root " : "",
					STR_ARG(owner));
	if (grown && !h->make && str_starts(*last, chown))
		join(&out->last, last, path);
	else
		push_growing(a, out, arena_printf(a, "%.*s%.*s", STR_ARG(chown), STR_ARG(path)));
}
