#define _GNU_SOURCE
#include "bot/git.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "project/location.h"
#include "report/report.h"

enum { MOST_OUTPUT = 64 << 20, LOCAL_SECONDS = 300, NETWORK_SECONDS = 900, MOST_WORDS = 20, HISTORY = 30 };

__attribute__((format(printf, 2, 3))) static bool fail(struct git *g, const char *format, ...)
{
	va_list args;
	struct buf clean = buf_new(g->arena);
	va_start(args, format);
	struct str text = arena_vprintf(g->arena, format, args);
	va_end(args);
	report_clean(&clean, g->secret ? secret_hide(g->arena, g->secret, text) : text);
	g->error = arena_str(g->arena, buf_str(&clean));
	return false;
}

/* The last line that says what went wrong. */
static struct str complaint(struct str err)
{
	struct str line, best = {0};
	while (str_split(&err, '\n', &line)) {
		line = str_trim(line);
		if (line.n && !str_starts(line, STR("hint:")) && (best.n == 0 || !str_starts(best, STR("fatal:"))))
			best = line;
	}
	return best.n ? best : STR("failed without a word");
}

/* The token reaches git through its environment, as a header for the server's addresses alone. An empty value first
   takes away what a clone's own configuration says (the checkout action leaves a token there). */
static const char **network_environment(struct git *g)
{
	static const char *const quiet[] = {"LC_ALL=C", "GIT_TERMINAL_PROMPT=0", "GIT_ALLOW_PROTOCOL=https:ssh:http"};
	const char *given = getenv("GIT_CONFIG_COUNT");
	uint32_t count = 0;
	VEC(const char *) all = {0};
	for (size_t i = 0; i < sizeof quiet / sizeof *quiet; i++)
		*VEC_PUSH(g->arena, all) = quiet[i];
	if (given && !str_to_u32(str_of(given), &count))
		count = 0;
	const char *const values[] = {"",
				      arena_printf(g->arena, "Authorization: Basic %.*s", STR_ARG(g->secret->basic)).p};
	for (uint32_t i = 0; i < 2; i++) {
		*VEC_PUSH(g->arena, all) = arena_printf(g->arena, "GIT_CONFIG_KEY_%u=http.%.*s/.extraHeader", count + i,
							STR_ARG(g->server))
						   .p;
		*VEC_PUSH(g->arena, all) = arena_printf(g->arena, "GIT_CONFIG_VALUE_%u=%s", count + i, values[i]).p;
	}
	*VEC_PUSH(g->arena, all) = arena_printf(g->arena, "GIT_CONFIG_COUNT=%u", count + 2).p;
	*VEC_PUSH(g->arena, all) = NULL;
	return all.at;
}

/* The command's name, for messages. */
static const char *verb_of(const char *const *words)
{
	while (words[0][0] == '-')
		words += strcmp(words[0], "-c") == 0 ? 2 : 1;
	return words[0];
}

enum where { IN_REPOSITORY, IN_TREE, ON_NETWORK };

/* Runs `git WORDS`; the words end with NULL. */
static int run(struct git *g, enum where where, struct str input, const char *const *words, struct str *out)
{
	static const char *const alone[] = {"LC_ALL=C", "GIT_TERMINAL_PROMPT=0", "GIT_LFS_SKIP_SMUDGE=1", NULL};
	/* No background work in a clone that is not ours, and no daemon that outlives this. */
	const char *argv[MOST_WORDS] = {
		"git", "-c", "gc.auto=0", "-c", "maintenance.auto=false", "-c", "core.quotePath=false"};
	size_t n = 7;
	while (*words && n < MOST_WORDS - 1)
		argv[n++] = *words++;
	struct spawn p = {.argv = argv,
			  .directory = where == IN_TREE ? g->tree : g->repository,
			  .extra = where == ON_NETWORK ? network_environment(g) : alone,
			  .input = input,
			  .limit = MOST_OUTPUT,
			  .seconds = where == ON_NETWORK ? NETWORK_SECONDS : LOCAL_SECONDS};
	struct spawn_result r;
	spawn_run(g->arena, &p, &r);
	if (r.code != 0)
		fail(g, "git %s: %.*s", verb_of(argv + 1), STR_ARG(complaint(r.err)));
	if (out)
		*out = r.out;
	return r.code;
}

#define GIT(g, where, out, ...)                                                                                        \
	(run((g), (where), (struct str){0}, (const char *const[]){__VA_ARGS__, NULL}, (out)) == 0)

static struct str line_of(struct str text)
{
	struct str line;
	return str_split(&text, '\n', &line) ? line : STR("");
}

/* Takes a directory for this run alone. */
static bool lock_private(struct git *g)
{
	const char *path = arena_printf(g->arena, "%s/lock", g->private).p;
	if (mkdir(g->private, 0700) != 0 && errno != EEXIST)
		return fail(g, "%s: cannot be made: %s", g->private, strerror(errno));
	g->lock = open(path, O_RDWR | O_CREAT | O_NOFOLLOW | O_CLOEXEC, 0600);
	if (g->lock < 0)
		return fail(g, "%s: cannot be made: %s", path, strerror(errno));
	if (flock(g->lock, LOCK_EX | LOCK_NB) != 0) {
		close(g->lock);
		g->lock = -1;
		return fail(g, "another unroot-bot is at work in this clone");
	}
	g->tree = arena_printf(g->arena, "%s/tree", g->private).p;
	return true;
}

static void remove_directory(struct git *g, const char *path)
{
	struct spawn_result r;
	const char *const argv[] = {"rm", "-rf", "--", path, NULL};
	spawn_run(g->arena, &(struct spawn){.argv = argv, .seconds = LOCAL_SECONDS}, &r);
}

/* What a run left that died while git made the tree is none to git. */
static void remove_tree(struct git *g)
{
	struct str said = g->error;
	if (g->tree && access(g->tree, F_OK) == 0 &&
	    !GIT(g, IN_REPOSITORY, NULL, "worktree", "remove", "--force", "--force", g->tree)) {
		remove_directory(g, g->tree);
		(void)GIT(g, IN_REPOSITORY, NULL, "worktree", "prune");
	}
	g->error = said;
}

bool git_open(struct git *g, struct arena *a, const char *path)
{
	struct str directory;
	*g = (struct git){.arena = a, .lock = -1};
	struct location location = location_of(a, path);
	if (location.directory.n == 0)
		return fail(g, "there is no such directory");
	g->repository = location.directory.p;
	if (!GIT(g, IN_REPOSITORY, &directory, "rev-parse", "--path-format=absolute", "--git-common-dir"))
		return false;
	g->private = arena_printf(a, "%.*s/unroot-bot", STR_ARG(line_of(directory))).p;
	if (!lock_private(g))
		return false;
	remove_tree(g);
	return true;
}

bool git_make(struct git *g, struct arena *a)
{
	const char *base = getenv("TMPDIR");
	char *made = (char *)(uintptr_t)arena_printf(a, "%s/unroot-bot-XXXXXX", base && *base ? base : "/tmp").p;
	*g = (struct git){.arena = a, .own = true, .lock = -1};
	g->repository = mkdtemp(made);
	if (!g->repository)
		return fail(g, "%s: cannot be made: %s", made, strerror(errno));
	g->private = arena_printf(a, "%s/unroot-bot", made).p;
	return GIT(g, IN_REPOSITORY, NULL, "init", "--quiet", "--bare", "--template=") && lock_private(g);
}

/* The user's clone keeps nothing of what was fetched for this run. */
static void remove_refs(struct git *g)
{
	static const char *const words[] = {"update-ref", "--stdin", NULL};
	struct str refs;
	if (!g->own && g->secret &&
	    GIT(g, IN_REPOSITORY, &refs, "for-each-ref", "--format=delete %(refname)", "refs/unroot/") && refs.n)
		run(g, IN_REPOSITORY, refs, words, NULL);
}

void git_close(struct git *g)
{
	if (g->lock < 0 && !g->own)
		return;
	if (g->lock >= 0) {
		remove_tree(g);
		remove_refs(g);
		unlink(arena_printf(g->arena, "%s/lock", g->private).p);
		close(g->lock);
		rmdir(g->private);
		g->lock = -1;
	}
	if (g->own && g->repository)
		remove_directory(g, g->repository);
}

struct str git_address(struct git *g, const char *name)
{
	struct str out;
	if (!GIT(g, IN_REPOSITORY, &out, "remote", "get-url", "--", name))
		return STR("");
	return line_of(out);
}

struct str git_commit_of(struct git *g, const char *name)
{
	struct str out;
	const char *commit = arena_printf(g->arena, "%s^{commit}", name).p;
	if (!GIT(g, IN_REPOSITORY, &out, "rev-parse", "--quiet", "--verify", "--end-of-options", commit))
		return STR("");
	return line_of(out);
}

static struct str behind(struct str text, struct str prefix)
{
	return str_starts(text, prefix) ? str_sub(text, prefix.n, text.n) : text;
}

bool git_local_base(struct git *g, const char *remote, struct str *commit, struct str *branch)
{
	struct str name;
	const char *head = arena_printf(g->arena, "refs/remotes/%s/HEAD", remote).p;
	*commit = git_commit_of(g, head);
	if (commit->n && GIT(g, IN_REPOSITORY, &name, "symbolic-ref", "--quiet", head)) {
		*branch = behind(line_of(name), arena_printf(g->arena, "refs/remotes/%s/", remote));
		return true;
	}
	*commit = git_commit_of(g, "HEAD");
	*branch = STR("HEAD");
	if (GIT(g, IN_REPOSITORY, &name, "symbolic-ref", "--quiet", "HEAD"))
		*branch = behind(line_of(name), STR("refs/heads/"));
	return commit->n > 0 || fail(g, "there is no commit yet");
}

/* A clone keeps its history as it is. (git fetch --depth fails where no reference matches: it is never asked for
   `ours` alone in that way.) */
bool git_fetch(struct git *g, struct str base, struct str ours, bool whole)
{
	const char *words[] = {"fetch",	    "--quiet",
			       "--no-tags", "--no-write-fetch-head",
			       "--prune",   "--no-recurse-submodules",
			       NULL,	    NULL,
			       NULL,	    NULL,
			       NULL,	    NULL};
	size_t n = 6;
	if (g->own && base.n && !whole)
		words[n++] = arena_printf(g->arena, "--depth=%d", HISTORY).p;
	words[n++] = "--";
	words[n++] = g->remote;
	if (base.n)
		words[n++] = arena_printf(g->arena, "+%.*s:" GIT_BASE_REF, STR_ARG(base)).p;
	if (ours.n)
		words[n++] =
			arena_printf(g->arena, "+refs/heads/%.*s*:" GIT_OURS_REFS "%.*s*", STR_ARG(ours), STR_ARG(ours))
				.p;
	return run(g, ON_NETWORK, (struct str){0}, words, NULL) == 0;
}

struct str git_our_branches(struct git *g)
{
	struct str out;
	return GIT(g, IN_REPOSITORY, &out, "for-each-ref", "--format=%(refname:lstrip=3)", GIT_OURS_REFS) ? out
													  : STR("");
}

struct str git_subjects(struct git *g, struct str commit)
{
	struct str out;
	const char *most = arena_printf(g->arena, "--max-count=%d", HISTORY).p;
	if (!GIT(g, IN_REPOSITORY, &out, "log", most, "--no-merges", "--no-show-signature", "--format=%s",
		 "--end-of-options", arena_str(g->arena, commit).p))
		return STR("");
	return out;
}

bool git_checkout(struct git *g, struct str commit)
{
	const char *name = arena_str(g->arena, commit).p;
	bool ok = true;
	if (g->pristine.n && str_eq(g->pristine, commit))
		return true;
	if (access(g->tree, F_OK) != 0)
		ok = GIT(g, IN_REPOSITORY, NULL, "-c", "core.hooksPath=/dev/null", "worktree", "add", "--quiet",
			 "--force", "--detach", g->tree, name);
	else
		ok = GIT(g, IN_TREE, NULL, "reset", "--quiet", "--hard", name) &&
		     GIT(g, IN_TREE, NULL, "clean", "--quiet", "-ffdx");
	g->pristine = ok ? commit : (struct str){0};
	return ok;
}

bool git_stage(struct git *g, struct str *tree, struct str *paths)
{
	g->pristine = (struct str){0};
	if (!GIT(g, IN_TREE, NULL, "add", "--update") || !GIT(g, IN_TREE, tree, "write-tree") ||
	    !GIT(g, IN_TREE, paths, "diff", "--cached", "--no-renames", "--name-only", "-z", "HEAD"))
		return false;
	*tree = line_of(*tree);
	return true;
}

bool git_diff(struct git *g, struct str *diff)
{
	return GIT(g, IN_TREE, diff, "diff", "--cached", "--no-color", "--no-ext-diff", "--no-textconv", "--no-renames",
		   "--src-prefix=a/", "--dst-prefix=b/", "HEAD");
}

bool git_staged_file(struct git *g, struct str path, struct str *bytes, bool *executable)
{
	struct str entry;
	const char *name = arena_str(g->arena, path).p;
	if (!GIT(g, IN_TREE, &entry, "--literal-pathspecs", "ls-files", "--stage", "-z", "--", name))
		return false;
	*executable = str_starts(entry, STR("100755 "));
	return GIT(g, IN_TREE, bytes, "cat-file", "blob", arena_printf(g->arena, ":0:%s", name).p);
}

static struct str blob_of(struct git *g, struct str tree, struct str path)
{
	struct str out;
	const char *name = arena_printf(g->arena, "%.*s:%.*s", STR_ARG(tree), STR_ARG(path)).p;
	if (!GIT(g, IN_REPOSITORY, &out, "rev-parse", "--quiet", "--verify", "--end-of-options", name))
		return STR("");
	return line_of(out);
}

bool git_same_file(struct git *g, struct str a, struct str b, struct str path)
{
	struct str blob = blob_of(g, a, path);
	return blob.n && str_eq(blob, blob_of(g, b, path));
}

bool git_commit(struct git *g, struct str message, bool sign_off, bool amend, struct str *commit, struct str *tree)
{
	const char *words[] = {"commit", "--quiet", "--file=-", "--cleanup=whitespace", NULL, NULL, NULL, NULL};
	size_t n = 4;
	if (sign_off)
		words[n++] = "--signoff";
	if (amend) {
		words[n++] = "--amend";
		words[n++] = "--no-verify";
	}
	if (run(g, IN_TREE, message, words, NULL) != 0 ||
	    !GIT(g, IN_TREE, commit, "rev-parse", "--verify", "HEAD^{commit}"))
		return false;
	*commit = line_of(*commit);
	*tree = git_tree_of(g, *commit);
	return tree->n > 0;
}

struct str git_message(struct git *g, struct str commit)
{
	struct str out;
	if (!GIT(g, IN_REPOSITORY, &out, "log", "-1", "--no-show-signature", "--format=%B", "--end-of-options",
		 arena_str(g->arena, commit).p))
		return STR("");
	return out;
}

struct str git_tree_of(struct git *g, struct str commit)
{
	struct str out;
	const char *name = arena_printf(g->arena, "%.*s^{tree}", STR_ARG(commit)).p;
	if (!GIT(g, IN_REPOSITORY, &out, "rev-parse", "--quiet", "--verify", "--end-of-options", name))
		return STR("");
	return line_of(out);
}

bool git_identity(struct git *g, struct str *name, struct str *email)
{
	struct str out;
	if (!GIT(g, IN_TREE, &out, "var", "GIT_AUTHOR_IDENT"))
		return false;
	size_t from = str_find_char(out, '<', 0), to = str_find_char(out, '>', 0);
	if (from == STR_NONE || to == STR_NONE || to < from)
		return fail(g, "git does not know who you are");
	*name = str_trim(str_sub(out, 0, from));
	*email = str_sub(out, from + 1, to);
	return true;
}

bool git_push(struct git *g, struct str commit, struct str branch, struct str expected)
{
	const char *lease =
		arena_printf(g->arena, "--force-with-lease=refs/heads/%.*s:%.*s", STR_ARG(branch), STR_ARG(expected)).p;
	const char *refspec = arena_printf(g->arena, "%.*s:refs/heads/%.*s", STR_ARG(commit), STR_ARG(branch)).p;
	/* The user's own hook would see the token in its environment. */
	return GIT(g, ON_NETWORK, NULL, "push", "--quiet", "--no-verify", lease, "--", g->remote, refspec);
}

bool git_is_branch(struct git *g, const char *name)
{
	struct str out;
	if (!GIT(g, IN_REPOSITORY, &out, "check-ref-format", "--branch", name))
		return false;
	/* "@{-1}" and the like would be other names. */
	return str_eq(line_of(out), str_of(name)) || fail(g, "%s is not the name of a branch", name);
}
