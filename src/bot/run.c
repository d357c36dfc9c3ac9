#define _GNU_SOURCE
#include "bot/run.h"

#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>

#include "bot/body.h"
#include "bot/group.h"
#include "report/report.h"

bool run_fail(struct job *job, struct str why)
{
	struct buf clean = buf_new(job->arena);
	report_clean(&clean, why);
	fflush(stdout);
	fprintf(stderr, "%s: %.*s\n", job->name, STR_ARG(buf_str(&clean)));
	job->totals->failed++;
	return false;
}

static bool forge_failed(struct job *job)
{
	return run_fail(job, job->forge->error);
}

/* A forge that names another place could be sent a token that way. */
static bool is_of_server(const struct job *job, struct str address)
{
	struct str server = job->forge->server;
	return str_starts(address, server) && address.n > server.n && address.p[server.n] == '/';
}

static bool find_repository(struct job *job, struct str path)
{
	struct forge *f = job->forge;
	if (!f->kind->repository(f, path, &job->target))
		return forge_failed(job);
	if (job->target.archived)
		return run_fail(job, STR("is archived"));
	job->source = job->target;
	if (job->options->fork && !f->kind->fork(f, &job->target, &job->source))
		return forge_failed(job);
	if (!job->options->fork && !job->target.may_push && !job->options->suggest)
		return run_fail(job, STR("the token may not push there: use --fork"));
	return true;
}

static bool find_remotes(struct job *job)
{
	const char *clone = arena_str(job->arena, job->target.clone).p;
	const char *fork = arena_str(job->arena, job->source.clone).p;
	if ((job->git.own && !is_of_server(job, job->target.clone)) ||
	    (job->options->fork && !is_of_server(job, job->source.clone)))
		return run_fail(job, arena_printf(job->arena, "the address to clone from is not below %.*s",
						  STR_ARG(job->forge->server)));
	job->base_remote = job->git.own ? clone : job->options->remote;
	job->our_remote = job->options->fork ? fork : job->base_remote;
	job->base = job->options->base ? str_of(job->options->base) : job->target.branch;
	return true;
}

static bool open_online(struct job *job, const char *path, bool remote)
{
	struct str name = str_of(path);
	job->git.secret = &job->forge->secret;
	job->git.server = job->forge->server;
	if (!remote) {
		struct str address = git_address(&job->git, job->options->remote);
		name = forge_path_of_address(job->arena, address);
		if (name.n && !forge_is_of(job->forge, address))
			return run_fail(job,
					arena_printf(job->arena, "its remote %s is not on %.*s: use --api or --remote",
						     job->options->remote, STR_ARG(job->forge->server)));
		if (name.n == 0)
			return run_fail(job, arena_printf(job->arena, "its remote %s names no repository of a server",
							  job->options->remote));
	}
	return find_repository(job, name) && find_remotes(job);
}

bool run_open(struct job *job, const char *path, bool remote)
{
	bool ok = remote ? git_make(&job->git, job->arena) : git_open(&job->git, job->arena, path);
	if (!ok)
		return run_fail(job, job->git.error);
	return !job->forge || open_online(job, path, remote);
}

void run_close(struct job *job)
{
	git_close(&job->git);
	arena_free(job->arena);
}

bool run_fetch(struct job *job)
{
	struct git *g = &job->git;
	struct str base = arena_printf(job->arena, "refs/heads/%.*s", STR_ARG(job->base));
	struct str ours = str_of(job->options->branch);
	g->remote = job->base_remote;
	if (!job->options->fork)
		return git_fetch(g, base, ours, false);
	if (!git_fetch(g, base, (struct str){0}, true))
		return false;
	g->remote = job->our_remote;
	return git_fetch(g, (struct str){0}, ours, true);
}

static bool find_base(struct job *job)
{
	struct git *g = &job->git;
	if (!job->forge) {
		const char *base = job->options->base;
		job->base = str_of(base);
		job->base_commit = base ? git_commit_of(g, base) : STR("");
		if (base ? job->base_commit.n > 0
			 : git_local_base(g, job->options->remote, &job->base_commit, &job->base))
			return true;
		return run_fail(job, g->error);
	}
	if (!git_is_branch(g, job->options->branch) || !git_is_branch(g, arena_str(job->arena, job->base).p) ||
	    !run_fetch(job))
		return run_fail(job, g->error);
	job->base_commit = git_commit_of(g, GIT_BASE_REF);
	return true;
}

static void run_groups(struct job *job)
{
	const struct bot_options *o = job->options;
	struct buf errors = buf_new(job->arena);
	struct configs configs;
	struct groups groups = {0};
	configs_init(&configs, job->arena, &o->settings, o->config, o->isolated, &errors);
	configs_confine(&configs, ".");
	struct walk walk = {
		.arena = job->arena, .configs = &configs, .exclude = &o->settings.exclude, .errors = &errors};
	walk_paths(&walk, NULL, 0);
	if (walk.found.n == 0 && !configs.failed)
		errors.n = 0; /* no Dockerfile is nothing to complain of */
	struct group_context context = {.job = job,
					.configs = &configs,
					.sure = !configs.failed,
					.conventional =
						body_is_conventional(git_subjects(&job->git, job->base_commit))};
	groups_make(job, walk.found.at, walk.found.n, &groups);
	for (size_t i = 0; i < groups.n; i++)
		group_run(&context, &groups.at[i]);
	if (errors.n)
		run_fail(job, str_trim(buf_str(&errors)));
	if (groups.n == 0) {
		job->totals->nothing++;
		if (!o->quiet)
			printf("%s: nothing to do\n", job->name);
	}
	configs_free(&configs);
}

bool run_enter(struct job *job)
{
	job->outside = open(".", O_PATH | O_DIRECTORY | O_CLOEXEC);
	if (job->outside >= 0 && chdir(job->git.tree) == 0)
		return true;
	run_fail(job, STR("the work tree cannot be entered"));
	run_leave(job);
	return false;
}

void run_leave(struct job *job)
{
	if (job->outside < 0)
		return;
	if (fchdir(job->outside) != 0)
		run_fail(job, STR("there is no way back to the directory"));
	close(job->outside);
	job->outside = -1;
}

void run_init(struct job *job, struct arena *arena, const struct bot_options *o, struct forge *forge, const char *path,
	      struct totals *totals)
{
	*job = (struct job){.options = o,
			    .forge = forge,
			    .totals = totals,
			    .arena = arena,
			    .name = path,
			    .outside = -1,
			    .git.lock = -1};
	arena_init(arena, NULL, 0);
	arena_arm(arena, o->arena->out_of_memory);
	if (forge)
		forge->arena = forge->http.arena = arena;
}

void run_repository(const struct bot_options *o, struct forge *forge, const char *path, bool remote,
		    const char *verifier, struct totals *totals)
{
	struct arena arena;
	struct job job;
	run_init(&job, &arena, o, forge, path, totals);
	job.verifier = verifier;
	if (run_open(&job, path, remote) && find_base(&job)) {
		if (!git_checkout(&job.git, job.base_commit))
			run_fail(&job, job.git.error);
		else if (run_enter(&job)) {
			run_groups(&job);
			run_leave(&job);
		}
	}
	run_close(&job);
}
