/* The plan: what has to change together so that the target stage ends as a user other than root.
 *
 * It decides, and says how sure it is; the rules turn its parts into findings and edits. All parts stand or fall
 * together: the class of the whole is that of its weakest part. */
#ifndef UNROOT_PLAN_PLAN_H
#define UNROOT_PLAN_PLAN_H

#include "model/facts.h"
#include "unroot/unroot.h"

/* Where a port below 1024 is to move. */
struct port_wish {
	uint32_t from, to;
};

/* Wishes of the caller; see unroot_options. */
struct wishes {
	struct str user, group; /* of a new account */
	uint32_t uid, gid;
	bool numeric, early, minimal, keep_ports;
	/* Parts that were switched off. */
	bool no_user, no_chown_copy, no_handover, no_ports;
	const struct port_wish *port_map;
	size_t nport_map;
};

enum owner_kind {
	OWNER_IMAGE,   /* the image's account for the app */
	OWNER_FILE,    /* one that the file makes */
	OWNER_NEW,     /* a new one */
	OWNER_NUMBERS  /* numbers without an account */
};

struct owner {
	enum owner_kind kind;
	struct str user;	/* what USER gets: "app", "node", "65532:65532" */
	struct str chown;	/* "app:app" */
	struct str numeric;	/* "10001:10001" where known, for COPY --link; else empty */
	struct str name, group; /* of a new account */
	uint32_t uid, gid;
	struct str home;
	uint32_t ins;  /* OWNER_FILE: the step that makes it; else INS_NONE */
	struct str why; /* for people */
};

/* Why the whole is not safe. */
struct reason {
	unroot_class cls; /* what it makes of the whole */
	struct str text;
	uint32_t ins; /* the instruction that shows it, or INS_NONE */
};

enum handover_how {
	HAND_APPEND,	  /* at the end of the RUN step `ins` */
	HAND_STEP,	  /* in a step of its own above instruction `ins`, which may be the one past the stage's last */
	HAND_WITH_ACCOUNT /* in the step that makes the account */
};

struct handover {
	enum handover_how how;
	uint32_t ins;
	struct str path;
	bool recursive;
	bool adopt; /* only what root owns below it: the rest has its owner already */
	bool make;  /* make the directory first */
	bool bare;  /* make it alone: a recursive handover at the same place takes it along */
	bool later; /* HAND_STEP: may as well be done further below, with the account */
	uint32_t order; /* in which they were found */
};

/* Bytes of the Dockerfile, and the text that takes their place. */
struct text_edit {
	struct span span;
	struct str text;
};

/* The same for any file of the workspace. */
struct port_edit {
	uint32_t file;
	struct span span;
	struct str text;
};

struct port_change {
	uint32_t from, to;
	uint32_t ins; /* where it is shown */
	bool bound;   /* the place that binds it is known, though it may not stand in an edit */
	bool told;    /* the Dockerfile tells the program the port, and that can be edited */
	bool done;    /* its bind site has moved already, not so what else names it */
	bool expose;  /* nothing exposes it so far but the base */
	struct str variable; /* "NAME=VALUE" that moves it, in place of the base's own; or empty */
	VEC(struct port_edit) edits;
	VEC(struct str) commands; /* for the image's own files: in the step that makes the account, or above USER */
};

/* A low port that stays, since nobody knows where it is bound. */
struct stuck_port {
	uint32_t port, ins;
};

/* Variables that are set above a step, so that its tool leaves nothing in root's home. */
struct tool_home {
	uint32_t ins, last; /* the first step that fills the directory, and the last */
	struct str tool, directory;
	struct str variables; /* "A=/opt/a B=/opt/b" */
	bool make;	      /* the directory first */
	bool write;	      /* it is the user's */
};

struct bracket {
	uint32_t first, last; /* instructions */
	struct str user;      /* to go back to */
	unroot_class cls;
	struct str why; /* of one that is not safe */
};

struct recipe;

struct plan {
	struct facts *f;
	const struct wishes *wishes;
	bool wanted;	/* the stage ends as root, or may */
	bool explained; /* it starts as root on purpose, or is built upon: display only */
	unroot_class cls;
	VEC(struct reason) reasons;
	struct owner owner;
	uint32_t move_user;    /* this USER instruction goes: steps below it need root; or INS_NONE */
	VEC(struct bracket) brackets; /* steps that need root where USER is another: USER root … USER name around them */
	uint32_t account_at;   /* OWNER_NEW: above this instruction, or INS_NONE: with the USER line */
	uint32_t user_before;  /* USER goes above this instruction, or INS_NONE: */
	uint32_t user_after;   /* … below this one */
	uint32_t user_replace; /* this USER instruction takes the name instead; or INS_NONE */
	VEC(uint32_t) chown_copies; /* indexes in facts.copies of those that get --chown */
	VEC(struct handover) handovers; /* those of one place together */
	VEC(struct port_change) ports;
	VEC(struct stuck_port) stuck;
	uint16_t *change_of; /* by low port: its index in ports + 1; made when needed */
	unsigned char *exposed; /* one bit a port, made when needed */
	VEC(struct text_edit) moves; /* paths below /root that move to the user's home */
	uint32_t home_step;    /* the first step that works in the user's home because of them, or INS_NONE */
	VEC(struct tool_home) tools;
	VEC(struct str) trees; /* directories of the app */
	struct str follow;     /* what has to follow outside, besides ports */
	struct recipe *recipe; /* of the server that is started, or NULL (src/plan/recipe.c) */
	VEC(struct str) setup; /* its commands above USER */
	VEC(uint32_t) bound;   /* ports above 1023 that it binds already */
	bool ipv4_only;	       /* it no longer listens on IPv6 */
};

/* Reads the facts of a target stage and plans. `keep` holds the result, facts included; `scratch` is used in between. */
struct plan *plan_target(struct arena *keep, struct arena *scratch, const struct document *doc, struct workspace *workspace,
			 const struct tables *tables, struct stages *stages, uint32_t target, const struct wishes *wishes);

/* For the parts in this folder. */
void plan_reason(struct plan *p, unroot_class cls, uint32_t ins, struct str text);

/* Finds images that only people can decide about: p->explained. */
void plan_purpose(struct plan *p);

/* The beginning of a name from somebody else's file, for a message. */
struct str plan_short(struct str name);

/* What has to follow outside, for people; the class stays as it is. */
void plan_follow(struct plan *p, struct str text);

/* What compose files mount into the image's containers for them to write: directories, and volumes of Docker's own. */
struct mount {
	struct str target, source; /* source: empty for a volume without a name */
	struct str service;
	bool bind; /* a directory of the host */
};
struct mounts {
	struct mount *at;
	size_t n, cap;
};
struct mounts plan_mounts(struct plan *p);

/* What compose files say of the user and the rights of the image's containers. */
void plan_run_time(struct plan *p);

/* Whether it is unsafe already, for as many reasons as are kept. */
bool plan_reasons_full(const struct plan *p);

/* Whether a build with this target (empty: the last stage) runs the planned stage, or one that it is FROM. */
bool plan_has_stage(const struct plan *p, struct str target);

/* The USER instruction that should stand further below, because steps that need root come after it and none that relies on
   it: facts are then read again without it. INS_NONE when there is none. */
uint32_t plan_user_to_move(const struct facts *f);
void plan_brackets(struct plan *p);
void plan_owner(struct plan *p);
void plan_home(struct plan *p);
void plan_tools(struct plan *p);
void plan_ownership(struct plan *p);
void plan_ports(struct plan *p);

/* Server recipes: false when there is none for what is started. The others ask for p->recipe. */
bool plan_recipe(struct plan *p);
void plan_recipe_owner(struct plan *p);
void plan_recipe_ownership(struct plan *p);
void plan_recipe_ports(struct plan *p);

/* Moves the ports that HEALTHCHECK names. */
void plan_health(struct plan *p);

/* What is wrong with a recipe's text, or an empty text. */
struct str recipe_template_fault(struct arena *a, struct str text);

/* The change of a low port that its bind site has made already, for what else names it. Nothing where `port` is bound still,
   or the port that would take its place is not. */
void plan_port_moved(struct plan *p, uint32_t port);

/* The change of a low port, made when it is new; holds until the next one is made. */
struct port_change *plan_port_change(struct plan *p, uint32_t port, uint32_t ins);
void plan_port_edit(struct plan *p, struct port_change *change, uint32_t file, struct span span, struct str text);

/* Whether the Dockerfile tells the program which port to bind. */
bool plan_port_told(const struct plan *p);

/* A variable of the base has the program bind a low port, an EXPOSE says that it does, and nothing in the project
   speaks against it: setting the variable anew moves the port. False when it is not so (src/plan/image_port.c). */
bool plan_image_variable(struct plan *p);

/* Edits the low port that a variable of the Dockerfile holds. False when the variable holds no known port. */
bool plan_port_variable(struct plan *p, struct str name);

/* Edits the URLs of the container itself in a part of a file. */
void plan_port_urls(struct plan *p, struct port_change *change, uint32_t file, struct span span);

/* Edits what names the container by the name of a host there: "http://web/", "web:80". */
void plan_port_host(struct plan *p, struct port_change *change, uint32_t file, struct span span, struct str host);

/* Whether the number still stands there as a number of its own that no edit replaces. */
bool plan_port_remains(struct plan *p, struct port_change *change, uint32_t file, struct span span);

/* Moves what compose files and Kubernetes manifests say of the ports (compose.c, manifests.c). */
void plan_consumers(struct plan *p);

/* Where no low port is known, and compose files say that the container binds one: it stands in the program. */
void plan_unbound_ports(struct plan *p);

/* The low port that words of a command tell; `words` are in file `file`. Only that of `change` counts, unless it is NULL. */
void plan_port_words(struct plan *p, const struct start_word *words, size_t n, uint32_t file, struct port_change *change);

/* The names of the variables that the start command refers to. */
struct map plan_start_variables(const struct plan *p);

/* Whether the app works in a directory that the base brings and has not left to any user. What a server of the base does in
   its own is another matter. */
bool plan_works_in_base(const struct plan *p);

/* The directories that the base's own program writes, with commas; empty where something else is started, or nothing is
 * known. */
struct str plan_base_writes(const struct plan *p);

/* Finds the directories of the app. */
void plan_trees(struct plan *p);
void plan_add_tree(struct plan *p, struct str path);

/* The part of it for directories that the file makes and fills, and says to be written (src/plan/said.c). */
void plan_said_trees(struct plan *p);

/* Whether the directory may be there from the base or from a package: /opt and its like, where the base works, an account's
   home; plan_is_given: or is the account's own, or what the base's program writes. */
bool plan_base_may_bring(const struct facts *f, struct str path);
bool plan_is_given(const struct plan *p, struct str dir);

/* Whether a WORKDIR makes the directory. */
bool plan_made_by_workdir(const struct facts *f, struct str path);

/* Whether the directory may be there when the RUN step `ins` is done: what stands above makes it, or puts something into it. */
bool plan_there_after(const struct plan *p, struct str dir, uint32_t ins);

/* Whether the name of a variable or an option looks like that of a place to write. */
bool plan_names_a_place_to_write(struct str name);

/* The last step that minds who owns the tree it runs in (git, npm up to 8), or INS_NONE. */
uint32_t plan_last_minding(const struct plan *p);

/* "www-data" of "www-data:www-data", as chown and --chown take it. */
struct str plan_owner_name(struct str owner);

/* Decides where the account is made, and which handovers go along. */
void plan_place_account(struct plan *p);

/* Drops the handovers that others take along, and puts the rest in the order of their places. */
void plan_sort_handovers(struct plan *p);

/* Whether others than the owner and the group may read a file after chmod `mode`. */
bool plan_lets_read(struct str mode);

/* Whether the path is of a kind that an app may have for itself. */
bool plan_may_own(const struct plan *p, struct str path);

/* Whether the path is a directory that apps have in common, such as /opt. */
bool plan_shares(const struct plan *p, struct str path);

/* Whether a step above `workdir` may have written into it. With `outside`, one whose directory is not handed over itself. */
bool plan_written_above(const struct plan *p, const struct workdir *workdir, bool outside);

/* The last COPY to a directory above `workdir` that brings what lies in it, an instruction, or INS_NONE. With `outside`, of those
   whose directory is not handed over itself. */
uint32_t plan_last_copy_above(const struct plan *p, const struct workdir *workdir, bool outside);

/* Whether the build context shows that the COPY, which is to a directory above `path`, brings one there. */
bool plan_brings_directory(const struct plan *p, const struct copy *copy, struct str path);

/* Whether `path` lies in a directory of the app. */
bool plan_in_tree(const struct plan *p, struct str path);

/* Whether it is such a directory itself. */
bool plan_is_tree(const struct plan *p, struct str path);

#endif
