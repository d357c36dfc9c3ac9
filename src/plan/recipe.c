/* Web servers whose master runs as root by habit only: the same image, unprivileged. */
#include "plan/recipe.h"

#include "base/buf.h"
#include "base/path.h"
#include "base/table.h"

enum { FIRST_UNPRIVILEGED = 1024, HTTP = 80, MAX_SCRIPTS = 32 };

const struct recipe_row *recipe_row(const struct recipe *r, const char *kind)
{
	for (size_t i = 0; i < r->rows.n; i++)
		if (str_eq(r->rows.at[i].kind, str_of(kind)))
			return &r->rows.at[i];
	return NULL;
}

bool recipe_lists(struct str list, struct str word)
{
	struct str item;
	while (str_split(&list, ',', &item))
		if (str_eq(item, word))
			return true;
	return false;
}

static void read_rows(struct arena *a, struct recipe *r, struct str text)
{
	struct table_reader reader = table_read(text);
	struct table_row row;
	while (table_next(&reader, &row))
		*VEC_PUSH(a, r->rows) =
			(struct recipe_row){row.cell[0], row.cell[1], row.cell[2], row.cell[3], row.cell[4], false};
}

static struct str name_of(const struct recipe *r, const char *kind)
{
	const struct recipe_row *row = recipe_row(r, kind);
	return row ? row->name : STR("");
}

struct str recipe_template_fault(struct arena *a, struct str text)
{
	static const char *const needed[] = {"account", "syntax", "area", "relative", "main"};
	struct recipe r = {0};
	read_rows(a, &r, text);
	for (size_t i = 0; i < sizeof needed / sizeof *needed; i++)
		if (name_of(&r, needed[i]).n == 0)
			return arena_printf(a, "it has no row \"%s\"", needed[i]);
	if (!str_eq(name_of(&r, "syntax"), STR("nginx")) && !str_eq(name_of(&r, "syntax"), STR("apache")))
		return STR("its syntax is neither nginx nor apache");
	return (struct str){"", 0};
}

static const struct account *account_of(const struct image *image, struct str name)
{
	for (uint32_t i = 0; i < image->naccounts; i++)
		if (str_eq(image->accounts[i].name, name))
			return &image->accounts[i];
	return NULL;
}

/* Scripts that the image's entrypoint runs before the server. */
static void read_scripts(struct plan *p, struct recipe *r)
{
	struct facts *f = p->f;
	struct str dir = name_of(r, "scripts");
	for (size_t i = 0; dir.n && f->entrypoint.ins == INS_NONE && i < f->copies.n; i++) {
		const struct copy *copy = &f->copies.at[i];
		struct str sources = copy->sources, source;
		uint32_t mode;
		if (copy->dest.n == 0 || !path_within(copy->dest, dir))
			continue;
		while (str_split(&sources, '\n', &source)) {
			if (++r->copies > MAX_SCRIPTS) {
				plan_reason(p, UNROOT_UNSAFE, copy->ins,
					    STR("the image's entrypoint runs more scripts than are looked at"));
				return;
			}
			bool folder = copy->dest_slash || str_eq(copy->dest, dir);
			if (folder && (copy->heredoc || workspace_stat(f->workspace, facts_context_source(f, source),
								       &mode) == PROVIDED_DIRECTORY))
				plan_reason(p, UNROOT_UNSAFE, copy->ins,
					    STR("the image's entrypoint runs these files, which are not known"));
			else
				facts_read_script(f, folder ? path_join(f->arena, copy->dest, path_last(source))
							    : copy->dest);
		}
	}
}

bool plan_recipe(struct plan *p)
{
	struct facts *f = p->f;
	if (f->start.recipe.n == 0 || !f->image || !str_eq(f->image->recipe, f->start.recipe))
		return false;
	struct recipe *r = ARENA_NEW(f->arena, struct recipe);
	struct str path = arena_printf(f->arena, "servers/%.*s/recipe", STR_ARG(f->start.recipe));
	read_rows(f->arena, r, f->tables->text(f->tables->text_ctx, path.p));
	r->name = f->start.recipe;
	r->account = account_of(f->image, name_of(r, "account"));
	if (!r->account || accounts_removed(&f->accounts, r->account->name))
		return false;
	r->syntax = str_eq(name_of(r, "syntax"), STR("nginx")) ? CONFIG_NGINX : CONFIG_APACHE;
	r->area = name_of(r, "area");
	r->relative = name_of(r, "relative");
	r->main = name_of(r, "main");
	p->recipe = r;
	read_scripts(p, r);
	return true;
}

void plan_recipe_owner(struct plan *p)
{
	struct facts *f = p->f;
	const struct account *account = p->recipe->account;
	struct owner *o = &p->owner;
	*o = (struct owner){.kind = OWNER_IMAGE,
			    .ins = INS_NONE,
			    .user = account->name,
			    .home = account->home,
			    .uid = account->uid,
			    .gid = account->gid};
	o->chown = arena_printf(f->arena, "%.*s:%.*s", STR_ARG(account->name), STR_ARG(account->name));
	if (account->ids_known)
		o->numeric = arena_printf(f->arena, "%u:%u", account->uid, account->gid);
	o->why = arena_printf(f->arena, "%.*s runs its workers as %.*s", STR_ARG(p->recipe->name),
			      STR_ARG(account->name));
}

static void hand(struct plan *p, struct str path)
{
	for (size_t i = 0; i < p->handovers.n; i++)
		if (path_within(path, p->handovers.at[i].path))
			return;
	*VEC_PUSH(p->f->arena, p->handovers) = (struct handover){.how = HAND_WITH_ACCOUNT,
								 .ins = p->f->stages->at[p->f->target].from + 1,
								 .path = path,
								 .recursive = true};
}

/* "touch a b", where there is something to touch. */
static void setup(struct plan *p, const char *command, const struct str *paths, size_t n)
{
	struct buf b = buf_new(p->f->arena);
	buf_add(&b, str_of(command));
	for (size_t i = 0; i < n; i++)
		buf_printf(&b, " %.*s", STR_ARG(paths[i]));
	if (n)
		*VEC_PUSH(p->f->arena, p->setup) = buf_str(&b);
}

void plan_recipe_ownership(struct plan *p)
{
	struct facts *f = p->f;
	struct recipe *r = p->recipe;
	recipe_find_files(p, r);
	recipe_read_files(p, r);
	for (size_t i = 0; i < r->rows.n; i++) {
		const struct recipe_row *row = &r->rows.at[i];
		if (str_eq(row->kind, STR("directory")))
			hand(p, row->name);
		if (str_eq(row->kind, STR("file")) && !r->pid_told)
			*VEC_PUSH(f->arena, r->touch) = row->name;
	}
	if (r->rendered && f->entrypoint.ins == INS_NONE)
		hand(p, recipe_row(r, "rendered")->value);
	setup(p, "touch", r->touch.at, r->touch.n);
	setup(p, "mkdir -p", r->directories.at, r->directories.n);
	for (size_t i = 0; i < r->touch.n; i++)
		hand(p, r->touch.at[i]);
	for (size_t i = 0; i < r->directories.n; i++)
		hand(p, r->directories.at[i]);
	/* The step has to run as root: USER root that would take the new name stays above it. */
	if (p->user_replace != INS_NONE && f->users.n > 1 && f->users.at[f->users.n - 2].kind != USER_ROOT) {
		p->user_after = p->user_replace;
		p->user_replace = INS_NONE;
	}
	if (p->wishes->no_handover && p->handovers.n) {
		p->handovers.n = p->setup.n = 0;
		plan_reason(p, UNROOT_UNSAFE, INS_NONE, STR("the server's directories stay root's"));
	}
}

/* The command of a row with {from}, {to}, {file} and {site} put in. */
static struct str command_of(struct arena *a, const struct recipe_row *row, const struct port_change *change,
			     struct str file, bool only)
{
	struct buf b = buf_new(a);
	struct str text = row->command;
	for (size_t i = 0; i < text.n; i++) {
		struct str rest = str_sub(text, i, text.n);
		if (str_starts(rest, STR("{from}")))
			buf_printf(&b, "%u", change->from);
		else if (str_starts(rest, STR("{to}")))
			buf_printf(&b, "%u", change->to);
		else if (str_starts(rest, STR("{file}")))
			buf_add(&b, file);
		else if (!str_starts(rest, STR("{site}"))) {
			buf_char(&b, text.p[i]);
			continue;
		} else if (only)
			buf_char(&b, '*');
		else
			buf_printf(&b, "*:%u", change->to);
		i += str_find_char(rest, '}', 0);
	}
	return buf_str(&b);
}

static bool is_row(const struct recipe_row *row, const char *kind, uint32_t port)
{
	uint32_t own;
	return !row->gone && str_eq(row->kind, str_of(kind)) && str_to_u32(row->value, &own) && own == port;
}

/* The numbers of "5.6.24-apache"; gives how many there are. */
static int version_of(struct str tag, uint32_t numbers[3])
{
	struct str part;
	int n = 0;
	for (; n < 3 && tag.n && str_split(&tag, '.', &part); n++) {
		size_t digits = 0;
		while (digits < part.n && ascii_digit(part.p[digits]))
			digits++;
		if (digits == 0 || !str_to_u32(str_sub(part, 0, digits), &numbers[n]))
			break;
		if (digits < part.n)
			return n + 1;
	}
	return n;
}

/* Whether a tag is of a version before those of the list, which has one for each branch, in order: "5.6.24,7.0.9". A
   tag of a whole branch is its latest. */
static bool is_older(struct str tag, struct str list)
{
	uint32_t is[3], least[3];
	struct str item;
	int n = version_of(tag, is);
	bool first = true, before = false;
	while (n > 1 && str_split(&list, ',', &item)) {
		if (version_of(item, least) != 3)
			continue;
		if (is[0] == least[0] && is[1] == least[1])
			return n == 3 && is[2] < least[2];
		before |= first && (is[0] < least[0] || (is[0] == least[0] && is[1] < least[1]));
		first = false;
	}
	return before;
}

static bool wanted_row(const struct recipe_row *row, uint32_t port)
{
	return is_row(row, "own", port) || is_row(row, "site", port);
}

/* A path that the shell takes as it stands, and that is no directory as far as its name tells. */
static bool is_plain_file(struct str path)
{
	for (size_t i = 0; i < path.n; i++)
		if (!ascii_alpha(path.p[i]) && !ascii_digit(path.p[i]) && !strchr("/._-*", path.p[i]))
			return false;
	return str_find_char(path_last(path), '.', 0) != STR_NONE;
}

/* Commands for the image's own files and for those that cannot be read. */
static void add_commands(struct plan *p, struct port_change *change, bool only)
{
	struct facts *f = p->f;
	struct recipe *r = p->recipe;
	const struct recipe_row *any = recipe_row(r, "any");
	for (size_t i = 0; i < r->rows.n; i++)
		if (wanted_row(&r->rows.at[i], change->from))
			*VEC_PUSH(f->arena, change->commands) =
				command_of(f->arena, &r->rows.at[i], change, r->rows.at[i].name, only);
	for (size_t i = 0; any && i < r->unread.n; i++)
		if (is_plain_file(r->unread.at[i]))
			*VEC_PUSH(f->arena, change->commands) =
				command_of(f->arena, any, change, r->unread.at[i], false);
	change->bound |= change->commands.n > 0;
}

static void edit_site(struct plan *p, const struct site *site, bool only)
{
	struct arena *a = p->f->arena;
	struct port_change *change = plan_port_change(p, site->port, site->ins);
	struct str redirect =
		site->redirect.n ? arena_printf(a, "%.*s%.*s", STR_ARG(site->line), STR_ARG(site->redirect)) : STR("");
	switch (site->kind) {
	case SITE_PORT:
		plan_port_edit(p, change, site->file, site->span, arena_printf(a, "%u", change->to));
		break;
	case SITE_ADDRESS:
		plan_port_edit(p, change, site->file, site->span, arena_printf(a, ":%u", change->to));
		break;
	case SITE_HOST:
		plan_port_edit(p, change, site->file, site->span, only ? STR("") : arena_printf(a, ":%u", change->to));
		break;
	case SITE_MISSING:
		plan_port_edit(
			p, change, site->file, site->span,
			arena_printf(a, "%.*slisten %u;%.*s", STR_ARG(site->line), change->to, STR_ARG(redirect)));
		return;
	case SITE_VARIABLE:
		plan_port_variable(p, site->name);
		break;
	}
	if (redirect.n)
		plan_port_edit(p, change, site->file, (struct span){site->end, site->end}, redirect);
}

/* Whether the low port is the only one: a virtual host may then do without, and the application is told the same port
 * as before. */
static bool is_only_port(const struct plan *p, uint32_t port)
{
	const struct recipe *r = p->recipe;
	if (port != HTTP || p->bound.n || r->unread.n)
		return false;
	for (size_t i = 0; i < r->sites.n; i++)
		if (r->sites.at[i].port != port)
			return false;
	for (size_t i = 0; i < r->rows.n; i++)
		if (is_row(&r->rows.at[i], "own", 443))
			return false;
	return true;
}

static void change_port(struct plan *p, uint32_t port)
{
	struct facts *f = p->f;
	struct recipe *r = p->recipe;
	bool only = is_only_port(p, port), bound = false;
	uint32_t ins = INS_NONE;
	for (size_t i = 0; i < r->rows.n; i++)
		bound |= is_row(&r->rows.at[i], "own", port);
	for (size_t i = 0; i < r->sites.n; i++)
		if (r->sites.at[i].port == port && r->sites.at[i].kind != SITE_HOST) {
			bound = true;
			ins = r->sites.at[i].ins;
		}
	for (size_t i = 0; i < f->exposes.n; i++)
		bound |= r->unread.n && f->exposes.at[i].port == port;
	if (!bound)
		return;
	struct port_change *change = plan_port_change(p, port, ins);
	change->bound = true;
	add_commands(p, change, only);
	for (size_t i = 0; i < r->sites.n; i++)
		if (r->sites.at[i].port == port)
			edit_site(p, &r->sites.at[i], only);
	for (size_t i = 0; i < r->selves.n; i++)
		plan_port_urls(p, change, r->selves.at[i].file, r->selves.at[i].span);
}

/* Each port below 1024 that the configuration, the image or an EXPOSE names, once. */
static void each_low_port(struct plan *p, void (*take)(struct plan *p, uint32_t port))
{
	const struct facts *f = p->f;
	bool taken[FIRST_UNPRIVILEGED] = {true};
	VEC(uint32_t) ports = {0};
	for (size_t i = 0; i < p->recipe->sites.n; i++)
		*VEC_PUSH(f->arena, ports) = p->recipe->sites.at[i].port;
	for (size_t i = 0; i < f->image->nlow_ports; i++)
		*VEC_PUSH(f->arena, ports) = f->image->low_ports[i];
	for (size_t i = 0; i < f->exposes.n; i++)
		*VEC_PUSH(f->arena, ports) = f->exposes.at[i].port;
	for (size_t i = 0; i < ports.n; i++) {
		uint32_t port = ports.at[i];
		if (port >= FIRST_UNPRIVILEGED || taken[port])
			continue;
		taken[port] = true;
		take(p, port);
	}
}

/* What the recipe was not made for. */
static void check_image(struct plan *p)
{
	struct facts *f = p->f;
	struct str tag = image_ref_of(f->tables->registries, f->image_name).tag, since = name_of(p->recipe, "since");
	struct str names = name_of(p->recipe, "unless"), name;
	if (since.n && is_older(tag, since))
		plan_reason(p, UNROOT_UNSAFE, INS_NONE,
			    arena_printf(f->arena, "%.*s is older than what is known of it (since %.*s)",
					 STR_ARG(f->image_name), STR_ARG(since)));
	for (size_t i = 0; i < p->recipe->rows.n; i++)
		if (str_eq(p->recipe->rows.at[i].kind, STR("doubt")) && !p->recipe->rows.at[i].gone)
			plan_reason(p, UNROOT_UNSAFE, INS_NONE, p->recipe->rows.at[i].name);
	while (names.n && str_split(&names, ',', &name))
		for (size_t i = 0; i < f->variables.n; i++)
			if (str_starts(f->variables.at[i].name, name))
				plan_reason(p, UNROOT_UNSAFE, INS_NONE,
					    arena_printf(f->arena, "%.*s changes what the image does at start",
							 STR_ARG(f->variables.at[i].name)));
}

/* The entrypoint adds an IPv6 address to its own file as long as nobody has touched that. */
static void check_ipv6(struct plan *p)
{
	const struct recipe *r = p->recipe;
	for (size_t i = 0; recipe_row(r, "ipv6") && p->f->entrypoint.ins == INS_NONE && i < r->rows.n; i++)
		p->ipv4_only |= is_row(&r->rows.at[i], "own", HTTP);
	if (p->ipv4_only)
		plan_follow(p, STR("it listens on IPv4 only"));
}

/* What those outside should know of the ports that move. */
static void follow_ports(struct plan *p)
{
	struct facts *f = p->f;
	check_ipv6(p);
	for (size_t i = 0; i < p->ports.n; i++)
		for (uint32_t k = 0; k < f->image->nlow_ports; k++)
			if (f->image->low_ports[k] == p->ports.at[i].from)
				plan_follow(p, arena_printf(f->arena,
							    "the image goes on listing port %u, which its base exposes",
							    p->ports.at[i].from));
	if (p->ports.n && p->recipe->tells_port)
		plan_follow(p, STR("what stands behind the server is told another $server_port"));
}

void plan_recipe_ports(struct plan *p)
{
	struct facts *f = p->f;
	struct recipe *r = p->recipe;
	if (r->redirects_settled)
		for (size_t i = 0; i < r->sites.n; i++)
			r->sites.at[i].redirect.n = 0;
	for (size_t i = 0; i < r->sites.n; i++)
		if (r->sites.at[i].port >= FIRST_UNPRIVILEGED)
			*VEC_PUSH(f->arena, p->bound) = r->sites.at[i].port;
	each_low_port(p, change_port);
	check_image(p);
	if (!p->wishes->keep_ports && !p->wishes->no_ports)
		follow_ports(p);
	if (r->unread.n ==
	    0) /* a run that ended between two files has moved the configuration's port, not yet the EXPOSE */
		each_low_port(p, plan_port_moved);
}
