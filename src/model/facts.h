/* Everything the rules want to know of a target stage, with the place that shows it.
 *
 * The stages from the image up to the target are read as one sequence of instructions. What cannot be known is said
 * so, and never drives a safe fix. Indexes named `ins` are indexes of instructions in the document. */
#ifndef UNROOT_MODEL_FACTS_H
#define UNROOT_MODEL_FACTS_H

#include "model/account_tools.h"
#include "model/accounts.h"
#include "model/stage.h"
#include "model/tables.h"
#include "model/workspace.h"

#define INS_NONE UINT32_MAX /* not in this file: from the base image, or nowhere */

enum user_kind { USER_UNKNOWN, USER_ROOT, USER_OTHER };

/* Who instructions run as from some place on. */
struct user {
	enum user_kind kind;
	uint32_t ins;	 /* the USER instruction, or FROM where the stage's base has it ONBUILD; INS_NONE: the image's default */
	struct str text; /* "node", "1000:1000"; for USER_UNKNOWN what could not be resolved */
	bool by_variable; /* whoever builds the image may choose another one */
	struct str why;
};

struct workdir {
	struct str path;
	bool known;
	uint32_t ins; /* INS_NONE: the image's default */
};

/* What a RUN step does (see templates/commands.tsv). */
enum {
	RUN_NEEDS_ROOT = 1 << 0,
	RUN_OPAQUE = 1 << 1,	 /* holds a command that is not known */
	RUN_UNREADABLE = 1 << 2, /* the shell text could not be read to its end */
	RUN_TREE = 1 << 3,	 /* writes below a working directory */
	RUN_MINDS_OWNER = 1 << 4, /* git and its callers */
	RUN_NPM = 1 << 5,	  /* npm, which up to version 8 runs scripts as the directory's owner */
	RUN_HOME = 1 << 6,	  /* leaves files below root's home that are looked for at run time */
	RUN_EXEC = 1 << 7,	  /* exec form */
	RUN_SCRIPT = 1 << 8,	  /* the text is in a here-document */
	RUN_INSTALLS = 1 << 9,	  /* a package manager of the distribution */
	RUN_APPENDABLE = 1 << 10, /* " && more" may follow its text */
	RUN_SUDO = 1 << 11,	  /* a command gets root by sudo */
	RUN_PROVES_ROOT = 1 << 12, /* a package manager or account tool without sudo, whose failure would fail the step */
	RUN_UNKNOWN_DIRECTORY = 1 << 14, /* makes a directory whose name is not known */
	RUN_LACKS_ROOT = 1 << 16, /* sudo without -u: who needs it is not root */
	RUN_RESERVED = 1 << 15, /* changes what belongs to root in every image: as anybody else it fails */
	RUN_ROOT_PACKAGE = 1 << 13 /* installs a package of a program that needs root or gives it up (programs.tsv) */
};

/* What messages name; empty where there is no such thing. */
struct run_words {
	struct str opaque;	 /* the first command that is not known */
	struct str root_command; /* the first that needs root */
	struct str package;	 /* RUN_ROOT_PACKAGE: its name */
};

struct run {
	uint32_t ins;
	uint32_t user;	  /* index in users */
	uint32_t workdir; /* index in workdirs */
	uint32_t flags;
	uint32_t end;			/* RUN_APPENDABLE: where in the file " && more" goes */
	const struct run_words *words; /* steps that say the same share them */
	struct str read_only;	       /* what is mounted while it runs and cannot be changed, a line each; "/": not known */
};

/* What packages installed so far bring, as far as account tools go. */
enum {
	BROUGHT_PACKAGE = 1 << 0, /* some package, which may have needed others */
	BROUGHT_SHADOW = 1 << 1,  /* useradd and its kin */
	BROUGHT_ADDUSER = 1 << 2, /* Debian's adduser */
	BROUGHT_UNKNOWN = 1 << 3  /* packages that a variable names, or a command that nobody knows installs */
};

/* A command that makes, changes or removes accounts, as it stands in a RUN step; in the order of the steps. */
struct account_step {
	struct account_command command;
	struct str tool; /* "useradd" */
	uint32_t ins;
	uint32_t run;	   /* index in runs */
	struct span words; /* the command, name first, as offsets of the step's text: see step_text() */
	bool readable;	   /* it stands in the step's text itself, not in sh -c or exec form: what follows is known */
	bool wrapped;	   /* sudo or the like stands before it */
	bool fatal;	   /* when it fails the build does */
	uint32_t where;	   /* SHELL_… bits */
	uint32_t brought;  /* BROUGHT_… bits of the packages installed before it */
};

/* A path that a RUN step makes, writes below, hands over or removes. */
enum made_kind {
	MADE_DIRECTORY, /* mkdir */
	MADE_FILE,	/* touch */
	MADE_CONTENT,	/* a file with something in it: downloaded, written by a redirection */
	MADE_FILLED,	/* unpacked, copied or cloned into; `owner` is root where all of it is surely root's */
	MADE_TREE,	/* written below, nobody knows where */
	MADE_QUIET,	/* the same, but what is written there is only read again (node_modules) */
	MADE_OWNER,  /* chown: `owner`, `recursive` */
	MADE_MODE,   /* chmod: `owner` holds the mode */
	MADE_REMOVED
};
struct made {
	enum made_kind kind;
	struct str path; /* absolute */
	struct str owner;
	bool recursive;
	bool unsure;  /* it may not happen: in a branch of an if, in a function */
	uint32_t run; /* index in runs */
};

/* A command that leaves files below the home which are looked for at run time. */
struct home_use {
	uint32_t run; /* index in runs */
	struct str tool;
	struct str only_with; /* matters only where one of these is started: "pnpm,yarn", "dotnet run" */
	bool unused;	      /* it will leave them when one of these is run, and none has been */
	const struct tool_location *location; /* where variables can say another place; else NULL */
	struct str missing; /* those of them that are not set, as in the row */
};

/* The values of a COPY's flags; most have none. */
struct copy_flags {
	struct str chown; /* expanded where known */
	struct str chmod;
	struct str from;
};

struct copy {
	uint32_t ins;
	uint32_t user, workdir;
	bool dest_slash : 1; /* written with a slash at its end: surely a directory */
	bool add : 1, from_stage : 1, has_chown : 1, has_chmod : 1, link : 1, remote : 1, archive : 1, heredoc : 1;
	struct str dest;    /* absolute; empty when not known */
	struct str sources; /* as written, joined by one line feed each */
	const struct copy_flags *flags;
};

struct exposed {
	uint32_t ins;
	uint32_t port, last; /* a range, or both the same */
	struct span span;    /* the number as written, in the EXPOSE or where its variable gets its value */
	bool editable;	     /* the span holds the plain number */
	bool udp;
};

struct volume {
	uint32_t ins;
	struct str path; /* absolute; empty when not known */
};

/* A variable at the end of the target stage. */
struct named_variable {
	struct str name;
	const struct variable *variable;
};

/* An instruction of which the last one counts. */
struct last {
	uint32_t ins;
	uint32_t stage;
};

/* What the container starts. */
enum verdict {
	VERDICT_RUNS,	 /* every program is known to do its work as any user */
	VERDICT_PROMPT,	 /* a shell, or nothing: the image is meant to be built upon or entered */
	VERDICT_ROOT,	 /* it needs root, or gives it up by itself */
	VERDICT_UNKNOWN,
	VERDICT_PLATFORM /* a service runs it under an account that it picks itself */
};

/* A word of the command that is started, where ports and paths may stand. */
struct start_word {
	struct str text;  /* its value */
	struct span span; /* in the file; for exec form without the quotes */
	bool plain;	  /* the bytes of the span are the value */
	bool exec;
	uint32_t ins;
};

/* A port below 1024 that the text of the program itself names, where it could be read. */
struct bound_port {
	uint32_t port;	 /* 0: none is seen */
	uint32_t line;	 /* from 1, in `file` */
	struct str file; /* path in the workspace */
};

/* A path that the text of the program names, and which it may write. */
struct named_path {
	struct str path;
	struct str file; /* path in the workspace */
	uint32_t line;	 /* from 1 */
};

struct start {
	enum verdict verdict;
	struct str why;	       /* for people, for all but VERDICT_RUNS */
	struct str instead;    /* VERDICT_ROOT: what helps at run time, or in its place; may be empty */
	uint32_t ins;	       /* CMD or ENTRYPOINT, or INS_NONE: the image's own */
	bool tools;	       /* a tool that writes caches below node_modules as it runs */
	bool files;	       /* a tool that works on files mounted for it */
	bool data;	       /* a program that keeps its data where its image or its configuration says */
	bool idle;	       /* something only waits */
	struct str recipe;     /* a server with a recipe */
	struct str program;    /* the first program that is no wrapper */
	VEC(struct start_word) words;
	VEC(struct str) scripts; /* context paths of scripts that were read */
	VEC(struct str) in_scripts; /* words of known programs that those start, the first ones */
	VEC(struct str) directories; /* that it changes to */
	struct bound_port bound;
	VEC(struct named_path) named;
};

/* A link from elsewhere to what lies in root's home. */
struct home_link {
	uint32_t run; /* index in runs */
	struct str target;
};

/* A program that a step gives rights of its own, which a later chown takes away: setcap, chmod u+s. */
struct privileged {
	uint32_t run; /* index in runs */
	struct str path;
};

#define RUN_START UINT32_MAX /* made.run of what is written at run time */

/* The build context as it is found by the first `copies` of the file's COPYs. */
struct context_root {
	struct str path; /* empty: not looked for yet */
	size_t copies;
};

struct facts {
	struct arena *arena;   /* what stays */
	struct arena *scratch; /* what does not */
	const struct document *doc;
	struct workspace *workspace;
	const struct tables *tables;
	struct stages *stages;
	uint32_t target;
	uint32_t *chain; /* stages from the image to the target */
	uint32_t nchain;

	struct str image_name; /* expanded reference of the base image; empty when unknown */
	const struct image *image; /* or NULL */
	enum family family;
	bool family_sure; /* from a verified cell of the table, or from the package manager that the file uses */
	struct str image_why; /* where what is known of the image itself comes from, or why nothing is */
	struct str family_why;
	enum account_tools tools;
	bool tools_sure;
	struct str tools_manager, tools_package; /* TOOLS_INSTALL: what installs them, and from which package */

	VEC(struct user) users; /* 0: at the start */
	struct user doubted; /* what the table takes for the default user, where a step shows that it is root; ins: that step */
	VEC(struct workdir) workdirs;
	VEC(struct run) runs;
	VEC(struct made) made;
	struct map worked_in; /* directories that a WORKDIR of the stages names */
	struct map own;	      /* those of them that a step makes where otherwise all is the system's */
	struct map built;     /* files that compilers are told to write, wherever that is */
	bool installs_itself; /* a step installs the app's own programs where programs are */
	struct str manifest;  /* the Cargo.toml in the image that names them; empty: nothing does, or several do */
	struct map links;     /* symbolic links that steps make outside the system's directories: private to links.c */
	VEC(struct copy) copies;
	VEC(struct home_use) homes;
	VEC(struct home_link) home_links;
	VEC(struct privileged) privileged;
	VEC(struct exposed) exposes;
	VEC(struct volume) volumes;
	struct accounts accounts; /* those the file makes */
	VEC(struct account_step) account_steps;
	uint32_t brought; /* BROUGHT_… bits */
	uint32_t scripts_read; /* look-ups of scripts in the build context by steps */
	struct scope *env; /* of the place that is read; in the end that of the target stage's end */
	VEC(struct named_variable) variables; /* what is visible at the end of the target stage, by name */
	struct last cmd, entrypoint, healthcheck, shell;
	bool has_onbuild;
	uint32_t triggered; /* the first ONBUILD of a parent stage whose step runs in a stage and is not read; or INS_NONE */
	struct start start;
	struct context_root *context; /* private to context.c */
	struct user moved; /* USER instruction that is read as if it stood further below; ins INS_NONE: none */
	uint32_t last_step; /* the last RUN, COPY, ADD or WORKDIR of the target stage, or INS_NONE */
	uint32_t last_root_step; /* the last RUN of the target stage that needs root or may */
};

/* Reads the facts of stage `target`. The document must be without error. `moved_user` is a USER instruction that is
   passed over (a plan to move it), or INS_NONE. */
void facts_read(struct facts *f, struct arena *keep, struct arena *scratch, const struct document *doc,
		struct workspace *workspace, const struct tables *tables, struct stages *stages, uint32_t target,
		uint32_t moved_user);

/* The user, working directory in effect at the end. */
static inline const struct user *facts_user(const struct facts *f)
{
	return &f->users.at[f->users.n - 1];
}
static inline const struct workdir *facts_workdir(const struct facts *f)
{
	return &f->workdirs.at[f->workdirs.n - 1];
}

/* Whether a USER instruction of a stage itself says it. */
static inline bool facts_user_is_written(const struct facts *f, const struct user *user)
{
	return user->ins != INS_NONE && f->doc->instructions.at[user->ins].keyword == KW_USER;
}

/* The text itself where it is part of the file, else a copy that lasts as long as the facts. */
struct str facts_keep(const struct facts *f, struct str text);

/* Expands a word with the variables at the end of the target stage. */
struct expansion facts_expand(const struct facts *f, struct str word);

/* What a directory is for: as in the table, but that the file's own are the app's. `path` is absolute and normalised. */
enum place facts_place(const struct facts *f, struct str path);

/* A step makes a symbolic link; `target` is as written, p is NULL when it is not known. Or takes the path away. */
void facts_add_link(struct facts *f, struct str path, struct str target);
void facts_drop_link(struct facts *f, struct str path);

/* Where a path leads through the links that steps have made so far; one whose target is not known stands for itself. With
   `last` the path's own end is followed too, else only what is above it. `path` itself, or in scratch memory. */
struct str facts_follow(const struct facts *f, struct str path, bool last);

/* Whether the path is such a link itself: chown -R would change the link alone, but what it leads to with a slash behind. */
bool facts_is_link(const struct facts *f, struct str path);

/* What is known of the RUN step `ins`, or NULL. */
const struct run *facts_run_at(const struct facts *f, uint32_t ins);

/* Reads one RUN step: called by facts_read for each (src/model/step.c). */
void facts_read_run(struct facts *f, const struct args *args, uint32_t ins);

/* The text that the commands of a RUN step are read from, and its parts as spans of the file. */
struct step_text {
	struct args args;
	struct str text;
	uint32_t at;	/* offset of `text` in the view's text; in the file for a here-document */
	bool in_heredoc;
};
struct step_text step_text(struct arena *a, const struct document *doc, uint32_t ins);
struct span step_span(const struct step_text *t, struct span of_text);

/* Reads what the container starts: called by facts_read at its end (src/model/start.c). */
void facts_read_start(struct facts *f);

/* Reads the text of the program itself, where the build context holds it: what it binds and keeps goes into f->start. Only a plan
   has use for that. */
void facts_app_text(struct facts *f);

/* The file of the build context that a COPY brings to `path` of the image (absolute), and which COPY; empty when none
   does or it cannot be told. Later instructions win. */
struct str facts_context_path(const struct facts *f, struct str path, const struct copy **copy);

/* The same as a file of the workspace that can be read. False when it may be another file: brought by something else, or
   standing in a second directory that may be the build context. */
bool facts_context_file(const struct facts *f, struct str path, uint32_t *file);

/* Whether a COPY puts something else in the place of a file of the base: from a stage or an image what lies at the same
   path there, from the context what is seen in it. */
bool facts_copy_replaces(const struct facts *f, const struct copy *copy, struct str path);

/* Where the steps of a stage work at instruction `ins`; empty when that is not known. */
struct str facts_stage_directory(const struct facts *f, uint32_t stage, uint32_t ins);

/* The file or directory of the build context that COPYs of the stage above instruction `ins` brought to `path` (absolute);
   empty when there is none, or it cannot be told. */
struct str facts_stage_source(const struct facts *f, uint32_t stage, uint32_t ins, struct str path, bool directory);

/* Where the go.mod lies that stands nearest above the build context, where the program that is started is one of the project's
   own: a directory, as the workspace is asked for it. False where there is none. */
bool facts_go_module(const struct facts *f, struct str *directory);

/* Where the source of a COPY lies, as the workspace is asked for it. */
struct str facts_context_source(const struct facts *f, struct str source);

/* Reads a script that the image's own entrypoint runs: what it does counts as done by the start command. `path` is
   that in the image. */
void facts_read_script(struct facts *f, struct str path);

#endif
