#define _POSIX_C_SOURCE 200809L
#include "bot/spawn.h"

#include <signal.h>

#include "process/process.h"

/* git rev-parse --local-env-vars, but for those that only hold configuration. */
static const char *const left_out[] = {"GIT_DIR",
				       "GIT_WORK_TREE",
				       "GIT_INDEX_FILE",
				       "GIT_OBJECT_DIRECTORY",
				       "GIT_ALTERNATE_OBJECT_DIRECTORIES",
				       "GIT_COMMON_DIR",
				       "GIT_NAMESPACE",
				       "GIT_GRAFT_FILE",
				       "GIT_SHALLOW_FILE",
				       "GIT_PREFIX",
				       "GIT_REPLACE_REF_BASE",
				       "GIT_INTERNAL_SUPER_PREFIX",
				       NULL};

/* git removes its locks then, and unroot verify its containers. */
static void ask_to_end(pid_t pid, bool first)
{
	if (first)
		kill(pid, SIGTERM);
}

void spawn_run(struct arena *a, const struct spawn *wanted, struct spawn_result *r)
{
	struct process p = {.arena = a,
			    .input = wanted->input,
			    .directory = wanted->directory,
			    .timeout = wanted->seconds * 1000L,
			    .limit = wanted->limit,
			    .whole = true,
			    .ease = ask_to_end,
			    .environment = wanted->extra,
			    .without = left_out};
	process_run(&p, wanted->argv);
	bool exited = p.end == PROCESS_EXITED;
	*r = (struct spawn_result){
		.code = exited ? p.code : -1, .out = p.out, .err = exited ? p.err : process_why(a, &p)};
}
