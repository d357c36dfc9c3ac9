/* What the bot asks of a place that hosts repositories: GitHub, GitLab, Gitea and Forgejo. */
#ifndef UNROOT_BOT_FORGE_H
#define UNROOT_BOT_FORGE_H

#include <jansson.h>

#include "bot/http.h"

struct forge_repository {
	struct str path; /* OWNER/NAME, as the forge writes it now */
	struct str owner;
	struct str id;	   /* GitLab's number */
	struct str branch; /* the default one */
	struct str clone;  /* where git finds it */
	bool archived;
	bool may_push; /* whether the token may; true where the forge does not say */
};

/* Where a request comes from and goes to. */
struct forge_place {
	const struct forge_repository *target, *source; /* the same, but for forks */
	struct str branch;				/* of the source */
	struct str base;				/* of the target */
};

enum forge_state { FORGE_OPEN, FORGE_CLOSED, FORGE_MERGED };

/* A pull or merge request. */
struct forge_request {
	uint64_t number;
	enum forge_state state;
	struct str title, body, url;
	VEC(struct str) labels;
};

struct forge_requests {
	struct forge_request *at; /* the newest first */
	size_t n, cap;
};

struct forge_text {
	struct str title, body;
	bool draft;
	const char *const *labels; /* ended by NULL */
};

struct forge_file {
	struct str path, bytes;
	bool executable;
};

/* A commit that the forge makes: files of `parent` changed, at the tip of the place's branch, which is moved there. */
struct forge_commit {
	struct str parent, parent_tree;
	struct str tree; /* that it must have in the end */
	struct str message;
	struct str name, email; /* of the author; empty: the token's owner */
	bool branch_exists;
	const struct forge_file *files;
	size_t n;
};

/* Lines of a file, from 1. */
struct forge_range {
	struct str path;
	uint32_t first, last;
};

struct forge_ranges {
	struct forge_range *at;
	size_t n, cap;
};

/* A comment on lines that a request shows. */
struct forge_suggestion {
	struct str path;
	uint32_t first, last;
	struct str comment;
};

struct forge;

/* Each gives false and the reason in forge.error; forge.transient says whether it may go well another time. */
struct forge_kind {
	const char *name;	    /* "github" */
	const char *title;	    /* "GitHub" */
	const char *request;	    /* "pull request" */
	const char *default_api;    /* NULL: there is none */
	const char *api_variable;   /* of the environment */
	const char *api_path;	    /* behind the server's address: "/api/v4" */
	const char *tokens[4];	    /* variables, the first that is set */
	const char *git_user;	    /* whose password a token is */
	const char *scheme;	    /* of the Authorization header */
	const char *const *headers; /* for every request */
	bool (*repository)(struct forge *f, struct str path, struct forge_repository *out);
	/* Makes the fork, or finds the one that is there. */
	bool (*fork)(struct forge *f, const struct forge_repository *of, struct forge_repository *out);
	/* All requests of the place, whatever their state. */
	bool (*requests)(struct forge *f, const struct forge_place *place, struct forge_requests *out);
	bool (*open)(struct forge *f, const struct forge_place *place, const struct forge_text *text,
		     struct forge_request *out);
	bool (*update)(struct forge *f, const struct forge_place *place, uint64_t number, struct str body);
	/* Closes it, with a last text. */
	bool (*close)(struct forge *f, const struct forge_place *place, uint64_t number, struct str body);
	bool (*label)(struct forge *f, const struct forge_place *place, uint64_t number, const char *const *labels);
	bool (*delete_branch)(struct forge *f, const struct forge_place *place);
	/* NULL where the forge has none that moves a branch in one step. */
	bool (*commit)(struct forge *f, const struct forge_place *place, const struct forge_commit *commit);
	/* A review with comments, of the request's commit; none when there is one already whose body holds `mark`. NULL
	   where there is no such thing. */
	bool (*suggest)(struct forge *f, const struct forge_repository *repository, uint64_t number, struct str commit,
			const struct forge_suggestion *suggestions, size_t n, struct str body, struct str mark);
	/* The lines of the new files that a request shows. NULL where `suggest` is. */
	bool (*changed_lines)(struct forge *f, const struct forge_repository *repository, uint64_t number,
			      struct forge_ranges *out);
};

extern const struct forge_kind forge_github, forge_gitlab, forge_gitea;

struct forge {
	const struct forge_kind *kind;
	struct arena *arena;
	struct http http;
	struct secret secret;
	struct str api;	   /* without a slash at its end */
	struct str server; /* what the addresses of repositories begin with, without a slash at its end */
	struct str error;
	bool transient;
	long status;  /* of the last answer */
	json_t *json; /* the last answer; NULL: none, or no JSON */
};

/* The kind of that name, or NULL. */
const struct forge_kind *forge_by_name(struct str name);

/* The kind that an address of a repository ("https://host/owner/name", "git@host:owner/name") or the environment
   belongs to; NULL when it cannot be told. */
const struct forge_kind *forge_of_address(struct str address);

/* OWNER/NAME of such an address; GitLab's may have more parts. Empty when there is none. */
struct str forge_path_of_address(struct arena *a, struct str address);

/* Takes token and addresses from the environment. `api` and `address` (of a repository) may be NULL or empty. */
bool forge_init(struct forge *f, struct arena *a, const struct forge_kind *kind, const char *api, struct str address);
void forge_free(struct forge *f);

/* Whether an address of a repository is on the forge's host. */
bool forge_is_of(const struct forge *f, struct str address);

/* For the kinds. One call; `body` is given away, NULL for none. True for a status of 2xx; then f->json holds the answer
   until the next call. */
bool forge_call(struct forge *f, const char *method, struct str path, json_t *body);
bool forge_fail(struct forge *f, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* A JSON string, or NULL when the text is not UTF-8. */
json_t *json_text(struct str text);

/* The text percent-encoded as one part of an address, slashes too. */
struct str forge_part(struct arena *a, struct str text);

/* Members of JSON objects, copied; empty, 0 or false when they are of another type or missing. The name may be a path
   of two: "head.ref". */
struct str json_text_at(struct arena *a, const json_t *object, const char *name);
uint64_t json_number_at(const json_t *object, const char *name);
bool json_true_at(const json_t *object, const char *name);

#endif
