/* What is known of an image by its name alone: a table (templates/images.tsv, format in
 * docs/images.md), looked up by the repository's last name and decided by PCRE2 patterns. */
#ifndef UNROOT_MODEL_FAMILY_H
#define UNROOT_MODEL_FAMILY_H

#include "base/arena.h"

enum family {
	FAMILY_UNKNOWN,
	FAMILY_DEBIAN, /* Ubuntu too */
	FAMILY_ALPINE,
	FAMILY_BUSYBOX,
	FAMILY_RHEL, /* fedora, ubi, rocky, alma, amazonlinux, oracle, azurelinux */
	FAMILY_SUSE,
	FAMILY_ARCH,
	FAMILY_WOLFI,
	FAMILY_DISTROLESS,
	FAMILY_SCRATCH,
	FAMILY_WINDOWS,
	FAMILY_COUNT
};
struct str family_name(enum family f); /* "debian", ... */
enum family family_of_name(struct str name);

/* How accounts are made there. */
enum account_tools {
	TOOLS_UNKNOWN,
	TOOLS_NONE,	      /* no shell, no tools: numbers only */
	TOOLS_SHADOW,	      /* groupadd, useradd */
	TOOLS_SHADOW_ADDUSER, /* Debian's adduser and addgroup too */
	TOOLS_BUSYBOX,	      /* BusyBox addgroup, adduser */
	TOOLS_INSTALL	      /* groupadd, useradd after installing `tools_package` with `tools_manager` */
};

/* What an image starts when the Dockerfile names nothing. */
enum default_start {
	START_UNKNOWN,
	START_SHELL,  /* a shell or a language's prompt: meant to be built upon */
	START_NONE,   /* nothing (scratch) */
	START_SERVER, /* a server that does its work without any CMD of the file */
	START_TOOL    /* a command-line tool in the ENTRYPOINT */
};

struct account {
	struct str name;
	uint32_t uid, gid;
	bool ids_known;
	struct str home; /* empty: none or unknown */
};

/* Cells of a row that were verified, or inferred from a verified base. What the others say serves unsafe fixes only. */
enum { SURE_FAMILY = 1 << 0, SURE_TOOLS = 1 << 1, SURE_ACCOUNTS = 1 << 2, SURE_USER = 1 << 3, SURE_ALL = (1 << 4) - 1 };

/* Traits of an image. */
enum {
	TRAIT_NEW_NPM = 1 << 0, /* "new-npm": npm 9 or later, which runs scripts as whoever calls it */
	TRAIT_NOTHING_IN = 1 << 1, /* "nothing-in": its working and writable directories hold nothing */
	/* "retired": not built for years; where the tag cannot be known it is another one */
	TRAIT_RETIRED = 1 << 2
};

struct image {
	enum family family;
	enum account_tools tools;
	struct str tools_manager, tools_package; /* "microdnf", "shadow-utils" */
	bool has_shell;
	const struct account *accounts;
	uint32_t naccounts;
	const struct account *app; /* the account meant for the app, or NULL */
	bool user_known;
	struct str user; /* default user as the image's configuration has it: "root", "node", "65532", "" = root */
	enum default_start start;
	bool entrypoint_known;	   /* whether the image has an ENTRYPOINT of its own was verified */
	struct str entrypoint;	   /* its program where known and there is one: "docker-entrypoint.sh" */
	struct str drops;	   /* the tool and account by which the entrypoint gives root up: "gosu postgres";
				      "master" for servers whose workers are never root; empty: it does not */
	struct str recipe;	   /* server recipe in templates/servers/, or empty */
	const uint16_t *low_ports; /* ports below 1024 the image's own program binds */
	uint32_t nlow_ports;
	struct str port_by; /* the variable that the image sets to have them bound, "NAME=VALUE", {port} for the number;
			       or empty */
	struct str writes;  /* directories that its own program writes and root owns, with commas */
	struct str settings; /* paths and variables that say what else it writes and binds, with commas; empty with no `writes` */
	bool workdir_known;
	struct str workdir;  /* where it works when the Dockerfile says nothing: "/var/www/html", "/" */
	struct str writable; /* space-separated directories that any user may write */
	struct str pitfalls; /* one line for people */
	uint32_t traits;     /* TRAIT_… bits */
	uint32_t sure;	     /* SURE_… bits */
	struct str evidence; /* where the facts come from */
	uint32_t row;	     /* line of the table */
	bool configured;     /* the row is one of the user's */
};

/* Names under which Docker Hub's images can be had (templates/registries.tsv). */
struct registries;

/* NULL and the line of the row when one is of no known kind. The text must outlive what is read. */
struct registries *registries_read(struct arena *a, struct str text, uint32_t *bad_line);

struct image_table;

/* Reads a table; `extra` are the user's rows (may be empty), which are looked at first. Both texts must outlive the
   table. The user's rows are checked at once: on a fault gives NULL, the line in `extra` and the reason. The table's
   own rows are only indexed; a faulty one is as good as absent (image_table_check finds those). */
struct image_table *image_table_read(struct arena *a, struct str text, struct str extra,
				     const struct registries *registries, uint32_t *bad_line, struct str *why);

/* Checks every row of the table, as tests and --templates do; false and the line and reason of the first fault. */
bool image_table_check(struct image_table *t, uint32_t *bad_line, struct str *why);

/* Finds the row for an image reference (after variable expansion). NULL when no row matches. Where the tag cannot be
   known (a digest alone; the caller writes "name@" when a variable leaves the tag open) gives what all rows of the
   repository agree on, and is sure of no more than that. Patterns are compiled when first needed and kept in the
   table's arena, so that a table serves one thread. */
const struct image *image_find(struct image_table *t, struct str reference);

/* Whether the image leaves the path to any user; NULL leaves none. */
bool image_lets_all_write(const struct image *image, struct str path);

/* The parts of a reference: "localhost:5000/team/app:1@sha256:…". */
struct image_ref {
	struct str repository; /* canonical: Hub aliases, mirrors and architecture prefixes stripped */
	struct str tag;	       /* "latest" when there is none and no digest; empty: cannot be known */
	struct str digest;
};
struct image_ref image_ref_of(const struct registries *r, struct str reference);

#endif
