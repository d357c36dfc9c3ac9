/* What both formats of `unroot facts` say alike. */
#include "report/facts.h"

enum purpose facts_purpose(const struct facts *f, struct str *why)
{
	enum default_start start = f->image ? f->image->start : START_UNKNOWN;
	bool own = f->cmd.ins != INS_NONE || f->entrypoint.ins != INS_NONE;
	*why = f->start.why;
	if (f->has_onbuild) {
		*why = STR("it has ONBUILD steps, which run in the images built upon it");
		return PURPOSE_BASE;
	}
	if (f->start.verdict == VERDICT_PROMPT)
		return own || start != START_UNKNOWN ? PURPOSE_BASE : PURPOSE_UNKNOWN;
	if (own) {
		*why = STR("it has a start command of its own");
		return PURPOSE_APPLICATION;
	}
	if (start == START_SERVER || start == START_TOOL) {
		*why = STR("its base starts a program by itself");
		return PURPOSE_APPLICATION;
	}
	*why = STR("it has no start command of its own, and what its base starts is not known");
	return PURPOSE_UNKNOWN;
}

struct str facts_start_why(struct arena *a, const struct start *start)
{
	if (start->why.n)
		return start->why;
	if (start->recipe.n)
		return arena_printf(a, "%.*s starts as root and hands requests to workers that are not", STR_ARG(start->recipe));
	return STR("every program does its work as any user");
}

const char *facts_purpose_name(enum purpose purpose)
{
	static const char *const names[] = {"unknown", "application", "base"};
	return names[purpose];
}

const char *facts_tools_name(enum account_tools tools)
{
	static const char *const names[] = {
		[TOOLS_UNKNOWN] = "unknown",
		[TOOLS_NONE] = "none",
		[TOOLS_SHADOW] = "shadow",
		[TOOLS_SHADOW_ADDUSER] = "shadow+adduser",
		[TOOLS_BUSYBOX] = "busybox",
		[TOOLS_INSTALL] = "install",
	};
	return names[tools];
}

const char *facts_default_start_name(enum default_start start)
{
	static const char *const names[] = {
		[START_UNKNOWN] = "unknown", [START_SHELL] = "shell", [START_NONE] = "none",
		[START_SERVER] = "server",   [START_TOOL] = "tool",
	};
	return names[start];
}

const char *facts_user_name(enum user_kind kind)
{
	static const char *const names[] = {
		[USER_UNKNOWN] = "unknown",
		[USER_ROOT] = "root",
		[USER_OTHER] = "other",
	};
	return names[kind];
}

const char *facts_verdict_name(enum verdict verdict)
{
	static const char *const names[] = {
		[VERDICT_RUNS] = "runs",
		[VERDICT_PROMPT] = "prompt",
		[VERDICT_ROOT] = "root",
		[VERDICT_UNKNOWN] = "unknown",
		[VERDICT_PLATFORM] = "platform",
	};
	return names[verdict];
}

const char *facts_made_name(enum made_kind kind)
{
	static const char *const names[] = {
		[MADE_DIRECTORY] = "directory", [MADE_FILE] = "file",	[MADE_CONTENT] = "content",
		[MADE_FILLED] = "filled",	[MADE_TREE] = "tree",	[MADE_QUIET] = "quiet",
		[MADE_OWNER] = "owner",		[MADE_MODE] = "mode",	[MADE_REMOVED] = "removed",
	};
	return names[kind];
}

const char *facts_owner_name(enum owner_kind kind)
{
	static const char *const names[] = {
		[OWNER_IMAGE] = "image",
		[OWNER_FILE] = "file",
		[OWNER_NEW] = "new",
		[OWNER_NUMBERS] = "numbers",
	};
	return names[kind];
}

const char *facts_handover_name(enum handover_how how)
{
	static const char *const names[] = {
		[HAND_APPEND] = "append",
		[HAND_STEP] = "step",
		[HAND_WITH_ACCOUNT] = "with_account",
	};
	return names[how];
}

const char *facts_take_flag(uint32_t *flags)
{
	static const struct {
		uint32_t bit;
		const char *name;
	} names[] = {
		{RUN_NEEDS_ROOT, "needs_root"}, {RUN_OPAQUE, "opaque"},
		{RUN_UNREADABLE, "unreadable"}, {RUN_TREE, "writes_tree"},
		{RUN_MINDS_OWNER, "minds_owner"}, {RUN_NPM, "npm"},
		{RUN_HOME, "writes_home"},	{RUN_EXEC, "exec_form"},
		{RUN_SCRIPT, "heredoc"},	{RUN_INSTALLS, "installs_packages"},
		{RUN_APPENDABLE, "appendable"}, {RUN_SUDO, "sudo"},
		{RUN_PROVES_ROOT, "proves_root"}, {RUN_ROOT_PACKAGE, "root_package"},
	};
	for (size_t i = 0; i < sizeof names / sizeof *names; i++)
		if (*flags & names[i].bit) {
			*flags &= ~names[i].bit;
			return names[i].name;
		}
	return NULL;
}

struct str facts_variable_why(const struct variable *v)
{
	if (v->known)
		return STR("");
	if (v->unset || !v->from_env)
		return STR("an ARG that has no value here; --build-arg gives it one");
	return STR("its value depends on a variable that has no value here");
}
