/* Server recipes: what it takes to run a web server's official image without root (docs/servers.md). Inside of the
 * plan only. */
#ifndef UNROOT_PLAN_RECIPE_H
#define UNROOT_PLAN_RECIPE_H

#include "model/server_config.h"
#include "plan/plan.h"

/* A row of templates/servers/<name>/recipe. */
struct recipe_row {
	struct str kind, name, value, when, command;
	bool gone; /* own, site: replaced or removed by the Dockerfile, or not switched on */
};

enum site_kind {
	SITE_PORT,    /* the span holds the number */
	SITE_ADDRESS, /* an address without a port: ":8080" goes behind it */
	SITE_MISSING, /* a server without a port: a directive goes behind its opening brace */
	SITE_HOST,    /* the part of a virtual host's address that names the port */
	SITE_VARIABLE /* the value of the variable `name` is the port */
};

/* Where a configuration file that can be edited names a port. */
struct site {
	enum site_kind kind;
	uint32_t file;
	struct span span;
	uint32_t port;
	uint32_t ins; /* the COPY that brings the file */
	struct str name;
	struct str redirect; /* with the port, a directive that goes to `end`; or empty */
	uint32_t start, end; /* of the directive */
	struct str line;     /* what a new directive at `end` begins with */
};

struct config_file {
	struct str path; /* in the image */
	struct str text;
	uint32_t file, base; /* where the text stands: file of the workspace and offset there */
	uint32_t ins;
};

/* A directory, or files that a glob names, copied as a whole. */
struct unlisted {
	struct str dest, source; /* in the image; as the COPY has it */
};

/* A directory whose files of that kind ("*.conf") are read. */
struct included {
	struct str directory, pattern;
};

struct recipe {
	VEC(struct recipe_row) rows;
	enum config_syntax syntax;
	struct str name, area, relative, main;
	const struct account *account;
	VEC(struct config_file) files; /* to be read; grows as they include others */
	struct map seen;	       /* paths in `files` */
	VEC(struct str) unread;	       /* configuration whose text is not known */
	VEC(struct unlisted) unlisted;
	VEC(struct included) included;
	VEC(struct site) sites;
	VEC(struct site) selves;	    /* words that may name the server's own address */
	VEC(struct str) touch, directories; /* that the server writes */
	uint32_t copies, directives;	    /* looked at so far: both are bounded */
	bool pid_told;			    /* the configuration names its own pid file */
	bool main_replaced, rendered, redirects_settled, tells_port;
};

/* The first row of a kind; NULL without one. */
const struct recipe_row *recipe_row(const struct recipe *r, const char *kind);

/* Whether a comma-separated list holds the word. */
bool recipe_lists(struct str list, struct str word);

/* Finds the configuration that the Dockerfile brings or changes (recipe_files.c). */
void recipe_find_files(struct plan *p, struct recipe *r);

/* Adds a file by its path in the image. False when it cannot be read. */
bool recipe_add_path(struct plan *p, struct recipe *r, struct str path);

/* Adds what `u` brings to the directory `in`. False when that is not known. */
bool recipe_list(struct plan *p, struct recipe *r, const struct unlisted *u, const struct included *in);

/* Whether it is a file of the area that is no configuration. */
bool recipe_is_other(const struct recipe *r, struct str path);

/* A file takes the place of the image's own one. */
void recipe_replaces(struct plan *p, struct recipe *r, struct str path);

/* Reads what the files say (recipe_config.c). */
void recipe_read_files(struct plan *p, struct recipe *r);

#endif
