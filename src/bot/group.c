#define _GNU_SOURCE
#include "bot/group.h"

#include <stdio.h>
#include <time.h>
#include <unistd.h>

#include "bot/body.h"
#include "bot/mark.h"
#include "report/report.h"

enum { ATTEMPTS = 4, LONGEST_SLUG = 60 };

/* What a group makes of the tree. */
struct wanted {
	struct changes changes;
	struct body_facts facts;
	struct str tree, paths, diff;
	struct str commit; /* once git made it */
	bool sure;
};

/* The branch of a single Dockerfile: readable, and its own whatever its path is made of. */
static struct str branch_of(struct arena *a, const char *prefix, struct str path)
{
	struct buf out = buf_new(a);
	buf_printf(&out, "%s-", prefix);
	for (size_t i = path.n > LONGEST_SLUG ? path.n - LONGEST_SLUG : 0; i < path.n; i++) {
		char c = path.p[i];
		bool dot = c == '.' && out.p[out.n - 1] != '.' && out.p[out.n - 1] != '-';
		buf_char(&out, ascii_alpha(c) || ascii_digit(c) || c == '_' || dot ? c : '-');
	}
	buf_printf(&out, "-%08x", str_hash(path));
	return arena_str(a, buf_str(&out));
}

static bool is_left_over(struct str branch, struct str prefix)
{
	if (str_eq(branch, prefix))
		return true;
	bool ok = branch.n > prefix.n + 9 && branch.p[prefix.n] == '-' && branch.p[branch.n - 9] == '-';
	for (size_t i = branch.n - 8; i < branch.n && ok; i++)
		ok = ascii_digit(branch.p[i]) || (branch.p[i] >= 'a' && branch.p[i] <= 'f');
	return ok;
}

static bool has_branch(const struct groups *groups, struct str branch)
{
	for (size_t i = 0; i < groups->n; i++)
		if (str_eq(groups->at[i].branch, branch))
			return true;
	return false;
}

void groups_make(struct job *job, const struct input *inputs, size_t n, struct groups *out)
{
	const struct bot_options *o = job->options;
	struct str prefix = str_of(o->branch), rest, branch;
	for (size_t i = 0; i < n && o->one_each; i++)
		*VEC_PUSH(job->arena, *out) =
			(struct group){branch_of(job->arena, o->branch, str_of(inputs[i].path)), &inputs[i], 1};
	if (!o->one_each && n)
		*VEC_PUSH(job->arena, *out) = (struct group){prefix, inputs, n};
	if (!job->forge)
		return;
	rest = git_our_branches(&job->git);
	while (str_split(&rest, '\n', &branch))
		if (branch.n && is_left_over(branch, prefix) && !has_branch(out, branch))
			*VEC_PUSH(job->arena, *out) = (struct group){branch, NULL, 0};
}

static void print_errors(const struct job *job, struct buf *errors)
{
	struct str rest = buf_str(errors), line;
	while (str_split(&rest, '\n', &line))
		if (line.n)
			fprintf(stderr, "%s: %.*s\n", job->name, STR_ARG(line));
	errors->n = 0;
}

/* Changes the tree, and sees what that is. */
static bool make_wanted(struct group_context *c, const struct group *group, struct wanted *w)
{
	struct job *job = c->job;
	struct buf errors = buf_new(job->arena);
	struct change_trial trial = {
		.program = job->verifier, .directory = job->git.tree, .settings = job->options->passed.at};
	*w = (struct wanted){.sure = c->sure};
	if (!git_checkout(&job->git, job->base_commit))
		return run_fail(job, job->git.error);
	for (size_t i = 0; i < group->n; i++)
		if (!group->inputs[i].link &&
		    !change_make(job->arena, c->configs, &group->inputs[i], &trial, &w->changes, &errors))
			w->sure = false;
	buf_add(&errors, buf_str(c->configs->errors));
	c->configs->errors->n = 0;
	print_errors(job, &errors);
	job->totals->failed += !w->sure;
	/* One that failed half-way may have written something: then the tree is looked at all the same. */
	bool written = w->changes.n > 0 || !w->sure;
	if (written && (!git_stage(&job->git, &w->tree, &w->paths) || !git_diff(&job->git, &w->diff)))
		return run_fail(job, job->git.error);
	w->facts = (struct body_facts){.changes = &w->changes,
				       .hash = mark_hash(job->arena, w->diff),
				       .one_file = job->options->one_each,
				       .conventional = c->conventional};
	return true;
}

static bool next_path(struct str *paths, struct str *path)
{
	return str_split(paths, '\0', path) && path->n > 0;
}

/* Whether the branch holds what is wanted. Hooks may have changed more: then it has to stand on the same commit. */
static bool is_current(struct job *job, const struct wanted *w, struct str tip)
{
	struct str paths = w->paths, path, parent;
	bool same = true;
	while (same && next_path(&paths, &path))
		same = git_same_file(&job->git, w->tree, tip, path);
	if (same)
		return true;
	parent = git_commit_of(&job->git, arena_printf(job->arena, "%.*s^1", STR_ARG(tip)).p);
	return !job->git.own && str_eq(parent, job->base_commit);
}

static bool observe(struct job *job, const struct forge_place *place, const struct wanted *w, struct state_seen *seen,
		    struct str *tip)
{
	struct forge_requests requests = {0};
	const char *ref = arena_printf(job->arena, GIT_OURS_REFS "%.*s", STR_ARG(place->branch)).p;
	*seen = (struct state_seen){0};
	*tip = git_commit_of(&job->git, ref);
	seen->branch = tip->n > 0;
	if (seen->branch) {
		struct str tree = git_tree_of(&job->git, *tip);
		struct str hash = mark_of_commit(git_message(&job->git, *tip), tree);
		seen->branch_own = hash.n > 0;
		seen->branch_current = str_eq(hash, w->facts.hash) && is_current(job, w, *tip);
	}
	/* Without a branch there is no open request, and what was closed only matters for a change. */
	if (!seen->branch && w->changes.n == 0)
		return true;
	if (!job->forge->kind->requests(job->forge, place, &requests))
		return false;
	seen->requests = requests.at;
	seen->n = requests.n;
	return true;
}

static struct str message_of(const struct job *job, const struct wanted *w, struct str tree)
{
	struct buf out = buf_new(job->arena);
	buf_add(&out, body_message(job->arena, &w->facts));
	buf_char(&out, '\n');
	mark_trailer(&out, w->facts.hash, tree);
	return arena_str(job->arena, buf_str(&out));
}

static bool commit_by_git(struct job *job, struct wanted *w)
{
	struct str made;
	bool sign_off = job->options->sign_off;
	if (!git_commit(&job->git, message_of(job, w, w->tree), sign_off, false, &w->commit, &made))
		return false;
	/* A hook changed files: the trailer names the tree that came of it. */
	return str_eq(made, w->tree) ||
	       git_commit(&job->git, message_of(job, w, made), sign_off, true, &w->commit, &made);
}

static bool push_by_git(struct job *job, const struct forge_place *place, struct wanted *w, struct str tip)
{
	job->git.remote = job->our_remote;
	if ((w->commit.n || commit_by_git(job, w)) && git_push(&job->git, w->commit, place->branch, tip))
		return true;
	return forge_fail(job->forge, "%.*s", STR_ARG(job->git.error));
}

static bool push_by_api(struct job *job, const struct forge_place *place, const struct wanted *w, struct str tip)
{
	struct forge *f = job->forge;
	struct forge_commit commit = {.parent = job->base_commit,
				      .parent_tree = git_tree_of(&job->git, job->base_commit),
				      .tree = w->tree,
				      .message = message_of(job, w, w->tree),
				      .branch_exists = tip.n > 0};
	VEC(struct forge_file) files = {0};
	struct str paths = w->paths, path;
	while (next_path(&paths, &path)) {
		struct forge_file *file = VEC_PUSH(job->arena, files);
		file->path = path;
		if (!git_staged_file(&job->git, path, &file->bytes, &file->executable))
			return forge_fail(f, "%.*s", STR_ARG(job->git.error));
	}
	if (job->options->sign_off) {
		if (!git_identity(&job->git, &commit.name, &commit.email))
			return forge_fail(f, "--signoff: %.*s", STR_ARG(job->git.error));
		commit.message = arena_printf(job->arena, "%.*sSigned-off-by: %.*s <%.*s>\n", STR_ARG(commit.message),
					      STR_ARG(commit.name), STR_ARG(commit.email));
	}
	commit.files = files.at;
	commit.n = files.n;
	return f->kind->commit(f, place, &commit);
}

static bool by_api(const struct job *job)
{
	enum commit_way way = job->options->commit;
	if (!job->forge->kind->commit || job->options->fork)
		return false;
	return way == COMMIT_API || (way == COMMIT_DEFAULT && job->git.own);
}

static struct str body_of_request(const struct state_seen *seen, uint64_t number)
{
	for (size_t i = 0; i < seen->n; i++)
		if (seen->requests[i].number == number)
			return seen->requests[i].body;
	return STR("");
}

static bool act(struct job *job, const struct forge_place *place, struct wanted *w, const struct state_seen *seen,
		struct str tip, struct state_decision *d)
{
	struct forge *f = job->forge;
	const struct bot_options *o = job->options;
	if (d->steps & STEP_PUSH && !(by_api(job) ? push_by_api(job, place, w, tip) : push_by_git(job, place, w, tip)))
		return false;
	if (d->steps & STEP_OPEN) {
		struct forge_text text = {.title = body_title(job->arena, &w->facts),
					  .body = body_text(job->arena, &w->facts),
					  .draft = o->draft,
					  .labels = o->labels.at};
		struct forge_request request = {0};
		if (!f->kind->open(f, place, &text, &request))
			return false;
		d->number = request.number;
		d->url = request.url;
	}
	if (d->steps & STEP_TEXT && !f->kind->update(f, place, d->number, body_text(job->arena, &w->facts)))
		return false;
	if (d->steps & STEP_LABEL && !f->kind->label(f, place, d->number, o->labels.at))
		return false;
	if (d->steps & STEP_CLOSE &&
	    !f->kind->close(f, place, d->number, body_obsolete(job->arena, body_of_request(seen, d->number))))
		return false;
	return !(d->steps & STEP_DELETE) || f->kind->delete_branch(f, place);
}

static void tell(struct job *job, const struct group *group, const struct state_decision *d)
{
	static const struct {
		const char *text;
		size_t count;
		bool quiet;
	} words[] = {
		[STATE_NOTHING] = {"nothing to do", offsetof(struct totals, nothing), true},
		[STATE_OPEN] = {"opened", offsetof(struct totals, opened), false},
		[STATE_UPDATE] = {"updated", offsetof(struct totals, updated), false},
		[STATE_CURRENT] = {"up to date", offsetof(struct totals, current), true},
		[STATE_DECLINED] = {"was closed before, and stays closed", offsetof(struct totals, declined), true},
		[STATE_FOREIGN] = {"left alone, the branch holds commits of others", offsetof(struct totals, foreign),
				   false},
		[STATE_OBSOLETE] = {"closed, there is nothing left to do", offsetof(struct totals, closed), false},
		[STATE_UNSURE] = {"left as it is, a Dockerfile could not be judged", offsetof(struct totals, unsure),
				  false},
	};
	++*(size_t *)(void *)((char *)job->totals + words[d->verdict].count);
	if (job->options->quiet && words[d->verdict].quiet)
		return;
	printf("%s: %s", job->name, words[d->verdict].text);
	if (d->verdict != STATE_NOTHING)
		printf(" (%.*s)", STR_ARG(group->branch));
	if (d->url.n) {
		struct buf url = buf_new(job->arena);
		report_clean(&url, d->url);
		printf(" %.*s", STR_ARG(buf_str(&url)));
	}
	putchar('\n');
	fflush(stdout);
}

static bool is_over_limit(const struct job *job, const struct state_decision *d)
{
	return d->verdict == STATE_OPEN && job->options->limit && job->totals->opened >= job->options->limit;
}

/* One look and what follows from it. False when it has to be tried again, or failed. */
static bool settle(struct job *job, const struct group *group, struct wanted *w)
{
	static const char *const none[] = {NULL};
	const struct bot_options *o = job->options;
	struct forge_place place = {&job->target, &job->source, group->branch, job->base};
	struct state_wanted wanted = {.change = w->changes.n > 0,
				      .sure = w->sure,
				      .hash = w->facts.hash,
				      .labels = o->labels.n ? o->labels.at : none};
	struct state_seen seen;
	struct str tip;
	if (!observe(job, &place, w, &seen, &tip))
		return false;
	struct state_decision d = state_decide(&seen, &wanted);
	if (is_over_limit(job, &d)) {
		job->totals->put_off++;
		printf("%s: put off, --limit is reached (%.*s)\n", job->name, STR_ARG(group->branch));
		return true;
	}
	if (!act(job, &place, w, &seen, tip, &d))
		return false;
	tell(job, group, &d);
	return true;
}

/* Whether a request took effect that got no answer is seen by looking again. */
static void settle_or_repeat(struct job *job, const struct group *group, struct wanted *w)
{
	struct timespec pause = {.tv_sec = 1};
	for (int attempt = 1; !settle(job, group, w); attempt++) {
		if (!job->forge->transient || attempt == ATTEMPTS) {
			run_fail(job, job->forge->error);
			return;
		}
		nanosleep(&pause, NULL);
		pause.tv_sec *= 2;
		if (!run_fetch(job)) {
			run_fail(job, job->git.error);
			return;
		}
	}
}

static void print_dry(struct job *job, const struct group *group, const struct wanted *w)
{
	if (w->changes.n == 0) {
		job->totals->nothing++;
		if (!job->options->quiet)
			printf("%s: nothing to do\n", job->name);
		return;
	}
	if (job->options->limit && job->totals->opened >= job->options->limit) {
		job->totals->put_off++;
		return;
	}
	job->totals->opened++;
	struct str title = body_title(job->arena, &w->facts), body = body_text(job->arena, &w->facts);
	struct str diff = isatty(STDOUT_FILENO) ? report_plain(job->arena, w->diff) : w->diff;
	printf("%s: would open (%.*s to %.*s)\n\n%.*s\n\n%.*s\n%.*s\n", job->name, STR_ARG(group->branch),
	       STR_ARG(job->base), STR_ARG(title), STR_ARG(body), STR_ARG(diff));
}

void group_run(struct group_context *context, const struct group *group)
{
	struct job *job = context->job;
	struct wanted wanted;
	if (!make_wanted(context, group, &wanted))
		return;
	if (job->forge)
		settle_or_repeat(job, group, &wanted);
	else
		print_dry(job, group, &wanted);
}
