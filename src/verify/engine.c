#include "verify/engine.h"

#include <stdio.h>

#include "base/buf.h"
#include "verify/host.h"

enum {
	QUICK = 30000,	  /* milliseconds for a question */
	SLOW = 120000,	  /* for a start or a removal */
	SMALL = 64 << 10, /* bytes of an answer */
	BUILD_TAIL = 32 << 10,
	LOG_LIMIT = 512 << 10
};
#define LOG_LINES "2000"

struct arguments {
	struct arena *arena;
	const char **at;
	size_t n, cap;
};

static void add(struct arguments *args, const char *word)
{
	*VEC_PUSH(args->arena, *args) = word;
}

static void add_pair(struct arguments *args, const char *option, const char *value)
{
	add(args, option);
	add(args, value);
}

static void add_all(struct arguments *args, const char *const *words)
{
	for (size_t i = 0; words && words[i]; i++)
		add(args, words[i]);
}

static struct arguments command(const struct engine *e, const char *verb)
{
	struct arguments args = {.arena = e->arena};
	add_pair(&args, e->program, verb);
	return args;
}

static bool run(struct process *p, struct arguments *args)
{
	add(args, NULL);
	return process_run(p, args->at);
}

static const char *label(struct engine *e)
{
	return arena_printf(e->arena, ENGINE_LABEL "=%s", e->id).p;
}

static struct process question(struct engine *e, long timeout, size_t limit)
{
	return (struct process){
		.arena = e->arena, .signals = e->signals, .timeout = timeout, .limit = limit, .apart = true};
}

/* The last line that says something; docker's last one only tells how to get help. */
static struct str last_line(struct str text)
{
	struct str line, last = STR("");
	while (str_split(&text, '\n', &line)) {
		line = str_trim(line);
		if (line.n && !str_starts(line, STR("Run '")) && !str_starts(line, STR("See '")))
			last = line;
	}
	return last;
}

static struct str complaint(struct engine *e, const struct process *p)
{
	struct str line = last_line(p->err.n ? p->err : p->out);
	return p->end == PROCESS_EXITED && line.n ? line : process_why(e->arena, p);
}

static bool answers(struct engine *e, struct str *why)
{
	struct arguments args = command(e, "version");
	if (strcmp(e->name, "docker") == 0)
		add_pair(&args, "--format", "{{.Server.Version}}");
	else if (strcmp(e->name, "podman") == 0)
		add_pair(&args, "--format", "{{.Client.Version}}");
	struct process p = question(e, QUICK, SMALL);
	bool ok = run(&p, &args);
	struct str text = str_trim(p.out), line;
	e->version = str_split(&text, '\n', &line) ? str_trim(line) : STR("");
	if (ok && str_starts(e->version, STR("Version:")))
		e->version = str_trim(str_sub(e->version, strlen("Version:"), e->version.n));
	if (!ok)
		*why = complaint(e, &p);
	return ok;
}

/* By its file's name: "podman-remote" and "/opt/docker-26" are what they begin with. */
static const char *kind_of(const char *program)
{
	static const char *const names[] = {"docker", "podman", "buildah"};
	const char *slash = strrchr(program, '/');
	for (size_t i = 0; i < sizeof names / sizeof *names; i++)
		if (str_starts(str_of(slash ? slash + 1 : program), str_of(names[i])))
			return names[i];
	return NULL;
}

static bool try_engine(struct engine *e, const char *wanted, struct buf *tried)
{
	struct str why = STR("is not in PATH");
	e->name = kind_of(wanted);
	e->program = e->name ? process_find(e->arena, wanted) : NULL;
	e->runs = e->name && strcmp(e->name, "buildah") != 0;
	if (!e->name)
		why = STR("is none of docker, podman and buildah");
	else if (e->program && answers(e, &why))
		return true;
	buf_printf(tried, "%s%s: %.*s", tried->n ? "; " : "", wanted, STR_ARG(why));
	return false;
}

bool engine_find(struct engine *e, const char *wanted, struct str *why)
{
	static const char *const all[] = {"docker", "podman", "buildah"};
	struct buf tried = buf_new(e->arena);
	bool found = false;
	if (wanted)
		found = try_engine(e, wanted, &tried);
	for (size_t i = 0; !wanted && !found && i < sizeof all / sizeof *all; i++)
		found = !signals_came(e->signals) && try_engine(e, all[i], &tried);
	*why = buf_str(&tried);
	return found;
}

/* Then the engine ends, and cleans up after itself. */
static void kill_containers(pid_t engine, bool first)
{
	(void)first; /* it may start more of them */
	host_kill_contained(engine);
}

bool engine_build(struct engine *e, const struct engine_build *build, struct str *printed, bool *late)
{
	static const char *const plain[] = {"BUILDKIT_PROGRESS=plain", "DOCKER_CLI_HINTS=false", NULL};
	struct arguments args = command(e, "build");
	bool daemon = strcmp(e->name, "docker") == 0; /* which cleans up by itself */
	if (!daemon) {
		add(&args, "--layers=false");	       /* a cache would be images without a label */
		add_pair(&args, "--format", "docker"); /* the other one knows no HEALTHCHECK and no SHELL */
	}
	add(&args, "--force-rm");
	add_pair(&args, "--label", label(e));
	add_pair(&args, "--tag", build->tag);
	if (build->network)
		add_pair(&args, "--network", build->network);
	if (build->target)
		add_pair(&args, "--target", build->target);
	for (const unroot_pair *pair = build->args; pair && pair->name; pair++)
		add_pair(&args, "--build-arg", arena_printf(e->arena, "%s=%s", pair->name, pair->value).p);
	add_pair(&args, "--file", build->dockerfile);
	add_pair(&args, "--", build->context);
	struct process p = question(e, build->timeout, BUILD_TAIL);
	p.tail = p.merge = true;
	p.ease = daemon ? NULL : kill_containers;
	p.environment = plain;
	p.line = e->line;
	p.ctx = e->ctx;
	bool ok = run(&p, &args);
	*printed = p.end == PROCESS_EXITED ? p.out : process_why(e->arena, &p);
	*late = p.end == PROCESS_TIMEOUT;
	return ok;
}

static void add_strict(struct arguments *args)
{
	add_pair(args, "--cap-drop", "ALL");
	add_pair(args, "--security-opt", "no-new-privileges");
	add_pair(args, "--sysctl", "net.ipv4.ip_unprivileged_port_start=1024");
}

static bool is_id(struct str s)
{
	for (size_t i = 0; i < s.n; i++)
		if (!ascii_digit(s.p[i]) && (s.p[i] < 'a' || s.p[i] > 'f'))
			return false;
	return s.n >= 12 && s.n <= 64;
}

bool engine_start(struct engine *e, const struct engine_run *wish, const char **id, struct str *why)
{
	struct arguments args = command(e, "run");
	add(&args, "--detach");
	add(&args, "--no-healthcheck"); /* it is run once, when the container has settled */
	add_pair(&args, "--pull", "never");
	add_pair(&args, "--stop-timeout", "0");
	add_pair(&args, "--label", label(e));
	add_pair(&args, "--name", wish->name);
	if (wish->network)
		add_pair(&args, "--network", wish->network);
	if (wish->strict)
		add_strict(&args);
	for (size_t i = 0; i < wish->publish_count; i++)
		add_pair(&args, "--publish", arena_printf(e->arena, "127.0.0.1::%u", wish->publish[i]).p);
	add(&args, wish->tag);
	add_all(&args, wish->command);
	struct process p = question(e, SLOW, SMALL);
	bool ok = run(&p, &args);
	struct str line = last_line(p.out);
	*id = arena_str(e->arena, line).p;
	if (ok && is_id(line))
		return true;
	*why = ok ? STR("the engine gave no id for the container") : complaint(e, &p);
	return false;
}

struct str engine_logs(struct engine *e, const char *id, bool *truncated)
{
	struct arguments args = command(e, "logs");
	add_pair(&args, "--tail", LOG_LINES);
	add(&args, id);
	struct process p = question(e, QUICK, LOG_LIMIT);
	p.merge = true;
	bool ok = run(&p, &args);
	*truncated = p.truncated;
	return ok ? p.out : STR("");
}

int engine_exec(struct engine *e, const char *id, const char *const *words, long timeout, struct str *printed)
{
	struct arguments args = command(e, "exec");
	add(&args, id);
	add_all(&args, words);
	struct process p = question(e, timeout, SMALL);
	p.merge = true;
	run(&p, &args);
	*printed = p.out;
	return p.end == PROCESS_EXITED ? p.code : -1;
}

bool engine_top(struct engine *e, const char *id, struct str *text)
{
	struct arguments args = command(e, "top");
	add(&args, id);
	/* podman reads the container's /proc itself when it knows the columns; docker hands them to ps. */
	if (strcmp(e->name, "podman") == 0) {
		add_pair(&args, "pid", "uid");
		add(&args, "comm");
	} else {
		add_pair(&args, "-eo", "pid,uid,comm");
	}
	struct process p = question(e, QUICK, SMALL);
	bool ok = run(&p, &args);
	*text = p.out;
	return ok;
}

void engine_remove(struct engine *e, const char *id)
{
	struct arguments args = command(e, "rm");
	add(&args, "--force");
	add(&args, "--volumes");
	add(&args, id);
	struct process p = question(e, SLOW, SMALL);
	run(&p, &args);
}

static bool has_word(const struct arguments *args, struct str word)
{
	for (size_t i = 0; i < args->n; i++)
		if (str_eq(word, str_of(args->at[i])))
			return true;
	return false;
}

/* Lists what carries the label, and removes it. */
static bool clean(struct engine *e, const char *const *list, const char *const *remove)
{
	struct arguments args = {.arena = e->arena}, removal = {.arena = e->arena};
	struct str word;
	add(&args, e->program);
	add_all(&args, list);
	add_pair(&args, "--filter", arena_printf(e->arena, "label=%s", label(e)).p);
	struct process p = question(e, QUICK, SMALL);
	bool ok = run(&p, &args);
	add(&removal, e->program);
	add_all(&removal, remove);
	size_t before = removal.n;
	while (str_word(&p.out, &word))
		if (is_id(word) && !has_word(&removal, word)) /* one image may have both names */
			add(&removal, arena_str(e->arena, word).p);
	if (!ok || removal.n == before)
		return ok;
	p = question(e, SLOW, SMALL);
	return run(&p, &removal);
}

bool engine_clean(struct engine *e)
{
	static const char *const containers[] = {"ps", "--all", "--quiet", NULL};
	static const char *const remove_containers[] = {"rm", "--force", "--volumes", NULL};
	static const char *const images[] = {"images", "--quiet", NULL};
	static const char *const remove_images[] = {"rmi", "--force", NULL};
	bool ok = !e->runs || clean(e, containers, remove_containers);
	return clean(e, images, remove_images) && ok;
}
