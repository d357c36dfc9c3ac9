/* How compose files run the image: what they mount, as whom, and with which rights. */
#include "base/path.h"
#include "model/consumers.h"
#include "plan/plan.h"

/* The text up to the next colon that is not in ${…}. */
static bool next_part(struct str *rest, struct str *part)
{
	int depth = 0;
	size_t end = 0;
	if (!rest->p)
		return false;
	for (; end < rest->n; end++) {
		if (rest->p[end] == '{')
			depth++;
		else if (rest->p[end] == '}')
			depth--;
		else if (rest->p[end] == ':' && depth <= 0)
			break;
	}
	*part = str_sub(*rest, 0, end);
	*rest = end < rest->n ? str_sub(*rest, end + 1, rest->n) : (struct str){NULL, 0};
	return true;
}

/* "[SOURCE:]TARGET[:MODE]". */
static bool short_mount(struct str text, struct mount *m)
{
	struct str parts[3] = {{NULL, 0}, {NULL, 0}, {NULL, 0}}, word;
	size_t n = 0;
	while (n < 3 && next_part(&text, &parts[n]))
		n++;
	m->target = n > 1 ? parts[1] : parts[0];
	m->source = n > 1 ? parts[0] : STR("");
	while (str_split(&parts[2], ',', &word))
		if (str_eq(word, STR("ro")))
			return false;
	m->bind = m->source.n && strchr("./~$", m->source.p[0]);
	return true;
}

static bool long_mount(struct yaml *y, uint32_t node, struct mount *m)
{
	struct str type = yaml_scalar(y, yaml_get(y, node, STR("type")));
	m->target = yaml_scalar(y, yaml_get(y, node, STR("target")));
	m->source = yaml_scalar(y, yaml_get(y, node, STR("source")));
	m->bind = str_eq(type, STR("bind"));
	return (m->bind || str_eq(type, STR("volume"))) &&
	       !str_eq(yaml_scalar(y, yaml_get(y, node, STR("read_only"))), STR("true"));
}

/* Files are mounted to be read; a directory may be written to. */
static bool is_file(const struct plan *p, const struct consumer_file *f, const struct mount *m)
{
	struct arena *a = p->f->scratch;
	bool above = m->source.p[0] == '/' || m->source.p[0] == '~' || m->source.p[0] == '$';
	if (above)
		return str_find_char(path_last(m->target), '.', 0) != STR_NONE;
	return workspace_stat(p->f->workspace, path_join(a, path_parent(f->path), m->source), NULL) == PROVIDED_FILE;
}

/* An entry of volumes; gives whether the container may write there. */
static bool read_mount(struct yaml *y, uint32_t item, const struct service *s, struct mount *m)
{
	struct str text = yaml_scalar(y, item);
	*m = (struct mount){.service = s->name};
	return text.p ? short_mount(text, m) : long_mount(y, yaml_resolve(y, item), m);
}

static void read_mounts(struct plan *p, struct consumer_file *f, const struct service *s, struct mounts *mounts)
{
	struct arena *a = p->f->arena;
	struct yaml_list items = yaml_items(a, &f->yaml, yaml_get(&f->yaml, s->node, STR("volumes")));
	for (size_t i = 0; i < items.n; i++) {
		struct mount m;
		bool writes = read_mount(&f->yaml, items.at[i], s, &m);
		if (!writes || m.target.n == 0 || m.target.p[0] != '/' || str_find_char(m.target, '$', 0) != STR_NONE ||
		    (m.bind && is_file(p, f, &m)))
			continue;
		m.target = facts_follow(p->f, path_join(a, STR("/"), m.target), true);
		*VEC_PUSH(a, *mounts) = m;
	}
}

/* The program that is started, where it is one of the project's own. */
static struct str own_program(const struct plan *p)
{
	struct str program = p->f->start.program;
	return tables_program(p->f->tables, program).kind == PROGRAM_UNKNOWN ? program : STR("");
}

/* Whether the service goes by the name of that program, while nothing says where its image comes from: shop with
   acme/shop, or another Dockerfile of the directory. */
static bool goes_by_name(const struct plan *p, const struct consumers *c, const struct service *s)
{
	struct str program = own_program(p);
	if (program.n == 0 || !str_eq(s->image.n ? path_last(s->image) : s->name, program))
		return false;
	return s->builds ? str_eq(path_parent(s->dockerfile), path_parent(c->dockerfile))
			 : s->image.n && !image_find(p->f->tables->images, s->image);
}

/* What a service of a stage below needs, the target is likely to need too. */
static bool runs_it(const struct plan *p, const struct consumers *c, const struct service *s)
{
	return s->whose == SERVICE_OURS ? plan_has_stage(p, s->target) : goes_by_name(p, c, s);
}

static bool stays_root(const struct plan *p, uint32_t stage)
{
	const struct facts *f = p->f;
	const struct user *user = &f->users.at[0];
	for (size_t i = 1; i < f->users.n && f->users.at[i].ins < f->stages->at[stage].end; i++)
		user = &f->users.at[i];
	return user->kind != USER_OTHER;
}

/* Whether it builds a stage that the target is only built upon, which keeps its user. */
static bool builds_less(const struct plan *p, const struct service *s)
{
	uint32_t stage = stages_target(p->f->stages, s->target);
	return s->whose == SERVICE_OURS && stage != p->f->target && plan_has_stage(p, s->target) && stays_root(p, stage);
}

static void other_target(struct plan *p, const struct consumer_file *f, const struct service *s)
{
	plan_follow(p, arena_printf(p->f->arena, "%.*s: service %.*s builds the stage %.*s, whose user stays as it is: --target=%.*s is for that",
				    STR_ARG(f->path), STR_ARG(plan_short(s->name)), STR_ARG(plan_short(s->target)),
				    STR_ARG(plan_short(s->target))));
}

static struct consumers *consumers_by_name(struct plan *p)
{
	struct consumers *c = consumers_of(p->f->workspace, p->f->arena);
	struct str program = own_program(p);
	if (program.n)
		consumers_read_others(c, p->f->workspace, p->f->arena, program);
	return c;
}

struct mounts plan_mounts(struct plan *p)
{
	struct consumers *c = consumers_by_name(p);
	struct mounts mounts = {0};
	for (size_t i = 0; i < c->services.n; i++) {
		const struct service *s = &c->services.at[i];
		if (runs_it(p, c, s) && (s->whose == SERVICE_OURS || !s->builds))
			read_mounts(p, &c->files.at[s->file], s, &mounts);
	}
	return mounts;
}

static bool is_root(struct str user)
{
	size_t colon = str_find_char(user, ':', 0);
	struct str name = colon == STR_NONE ? user : str_sub(user, 0, colon);
	return str_eq(name, STR("0")) || str_eq(name, STR("root"));
}

static void run_as(struct plan *p, struct consumer_file *f, const struct service *s)
{
	struct arena *a = p->f->arena;
	struct yaml *y = &f->yaml;
	struct str user = yaml_scalar(y, yaml_get(y, s->node, STR("user")));
	if (!user.n)
		return;
	plan_follow(p,
		    is_root(user)
			    ? arena_printf(a, "%.*s: \"user: %.*s\" of service %.*s has to go, or it stays root",
					   STR_ARG(f->path), STR_ARG(plan_short(user)), STR_ARG(plan_short(s->name)))
			    : arena_printf(a, "%.*s: service %.*s runs as %.*s, whatever USER says", STR_ARG(f->path),
					   STR_ARG(plan_short(s->name)), STR_ARG(plan_short(user))));
}

/* Capabilities are root's: another user does not get them (facts: "Added capabilities do not help"). */
static void rights(struct plan *p, struct consumer_file *f, const struct service *s)
{
	static const char *const keys[] = {"privileged", "cap_add", "devices"};
	struct yaml *y = &f->yaml;
	for (size_t i = 0; i < sizeof keys / sizeof *keys; i++) {
		uint32_t node = yaml_get(y, s->node, str_of(keys[i]));
		if (node == YAML_NONE || str_eq(yaml_scalar(y, node), STR("false")))
			continue;
		plan_reason(p, UNROOT_UNSAFE, INS_NONE,
			    arena_printf(p->f->arena, "%.*s: service %.*s has %s, which is of use to root",
					 STR_ARG(f->path), STR_ARG(plan_short(s->name)), keys[i]));
	}
}

/* What is of use to root alone where it is mounted, to be written or only read. */
static void check_mounts(struct plan *p, struct consumer_file *f, const struct service *s)
{
	struct arena *a = p->f->arena;
	struct yaml_list items = yaml_items(a, &f->yaml, yaml_get(&f->yaml, s->node, STR("volumes")));
	for (size_t i = 0; i < items.n; i++) {
		struct mount m;
		read_mount(&f->yaml, items.at[i], s, &m);
		if (str_find(m.target, STR("docker.sock"), 0) != STR_NONE)
			plan_reason(p, UNROOT_UNSAFE, INS_NONE,
				    arena_printf(a,
						 "%.*s: service %.*s is given Docker's socket, which root and a group "
						 "of the host's may use",
						 STR_ARG(f->path), STR_ARG(plan_short(s->name))));
		else if (m.target.n && path_within(path_join(a, STR("/"), m.target), STR("/root")))
			plan_reason(p, UNROOT_UNSAFE, INS_NONE,
				    arena_printf(a, "%.*s: service %.*s mounts %.*s, where another user does not look",
						 STR_ARG(f->path), STR_ARG(plan_short(s->name)),
						 STR_ARG(plan_short(m.target))));
	}
}

void plan_run_time(struct plan *p)
{
	struct consumers *c = consumers_by_name(p);
	bool told = false;
	for (size_t i = 0; i < c->services.n; i++) {
		const struct service *s = &c->services.at[i];
		if (!told && builds_less(p, s)) {
			told = true;
			other_target(p, &c->files.at[s->file], s);
		}
		if (!runs_it(p, c, s))
			continue;
		run_as(p, &c->files.at[s->file], s);
		rights(p, &c->files.at[s->file], s);
		check_mounts(p, &c->files.at[s->file], s);
	}
}
