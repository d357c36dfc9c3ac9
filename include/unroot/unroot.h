/* unroot: rewrites Dockerfiles so that their containers run as a non-root user.
 *
 * Conventions: functions return 0 or a negative UNROOT_E… code and fill `error` (may be NULL); objects
 * come first as out-parameters and are freed by the matching …_free (NULL is allowed). Text is UTF-8 or whatever bytes the
 * file has, with explicit lengths; positions are 0-based byte offsets, lines and columns 1-based (columns in
 * bytes). No globals, no printing, no exit. An engine may be used by one thread at a time; engines are
 * independent of each other. */
#ifndef UNROOT_H
#define UNROOT_H

#include <stddef.h>

#ifdef __cplusplus
extern "C" {
#endif

#if defined(__GNUC__)
#define UNROOT_API __attribute__((visibility("default")))
#else
#define UNROOT_API
#endif

#define UNROOT_ENOMEM (-1)    /* out of memory */
#define UNROOT_ESYNTAX (-2)   /* BuildKit would refuse the file; nothing was changed */
#define UNROOT_EUNSTABLE (-3) /* the fixes did not settle; nothing was changed */
#define UNROOT_EINVAL (-4)    /* a bad option, template or table row */
#define UNROOT_ETOOBIG (-5)   /* the file is larger than 1 GiB */

typedef struct unroot_error {
	int code;
	unsigned line, column; /* 1-based; 0 when there is no place */
	char message[512];     /* one line, NUL-terminated */
} unroot_error;

/* The class of a fix: what applying it means. */
typedef enum unroot_class {
	UNROOT_DISPLAY,	  /* explained only; there is no fix */
	UNROOT_UNSAFE,	  /* rests on a fact that is not known */
	UNROOT_INTERFACE, /* works as before, but something outside has to follow */
	UNROOT_SAFE	  /* builds and works as before */
} unroot_class;

typedef struct unroot_pair {
	const char *name, *value;
} unroot_pair;

/* Options of an engine. Zero-initialise; every zero is the default. Everything is copied. */
typedef struct unroot_options {
	unroot_class least;	   /* weakest class that is applied: 0 means UNROOT_INTERFACE */
	const char *const *select; /* only these rules (NULL-terminated), or NULL for the default set */
	const char *const *ignore; /* never these rules */
	const char *target;	   /* --target: name or number of the stage; NULL: the last one */
	int all_targets;	   /* every stage that no other stage uses */
	const unroot_pair *build_args; /* ended by a NULL name */
	const char *user, *group;  /* name of a new account and its group; NULL: app, and the user's name */
	unsigned uid, gid;	   /* of a new account; 0: 10001, and the uid */
	int numeric;		   /* USER by number */
	int early;		   /* USER right below the last step that needs root */
	int minimal_ownership;	   /* chown only what must be writable */
	int keep_ports;		   /* never remap ports */
	const unroot_pair *port_map;  /* "80", "8081": where a port below 1024 moves to; ended by a NULL name */
	const unroot_pair *templates; /* path below templates/ and text: takes the place of the built-in one */
	const char *images;	   /* further rows for the table of images, looked at first; a faulty one is an error with its line */
	void *(*alloc)(void *ctx, size_t size); /* NULL: malloc and free */
	void (*release)(void *ctx, void *memory);
	void *alloc_ctx;
} unroot_options;

typedef struct unroot_engine unroot_engine;

UNROOT_API int unroot_engine_new(unroot_engine **out, const unroot_options *options, unroot_error *error);
UNROOT_API void unroot_engine_free(unroot_engine *engine);

/* YAML as a list of nodes in the order of the text: what a mapping or sequence holds comes behind it. */
typedef enum unroot_yaml_kind { UNROOT_YAML_MAPPING, UNROOT_YAML_SEQUENCE, UNROOT_YAML_SCALAR, UNROOT_YAML_ALIAS } unroot_yaml_kind;

typedef struct unroot_yaml_node {
	unroot_yaml_kind kind;
	size_t parent;	  /* index of the mapping or sequence that holds it; of itself for the root of a document */
	size_t target;	  /* an alias: index of the node that it stands for, which comes before it; its own when that is a key */
	const char *key;  /* in a mapping: what it is the value of; "" where that is no scalar */
	size_t key_length;
	size_t key_start; /* byte offset of the key, without quotes */
	const char *value; /* of a scalar */
	size_t value_length;
	size_t start, end; /* a scalar's bytes, without quotes */
	int verbatim;	   /* the bytes are the value */
	int flow;	   /* it stands between braces or brackets */
} unroot_yaml_node;

/* How the engine asks for other files (build context, compose files, …). Paths are relative to the
   Dockerfile's directory with '/' and may begin with "../"; "." is that directory itself, and no other part of one is "."
   or "..". `stat` gives 0 for "cannot be known", 1 for "does not exist", 2 for a file (and its permission bits), 3 for a
   directory. `read` gives the same and, for a file, its bytes, which stay valid until `done` is called with them. What
   comes behind `context` may be NULL: then nothing is known of directories, or of who uses the image. */
typedef struct unroot_provider {
	void *ctx;
	int (*stat)(void *ctx, const char *path, unsigned *mode);
	int (*read)(void *ctx, const char *path, const char **bytes, size_t *length);
	void (*done)(void *ctx, const char *bytes);
	const char *context; /* the build context, relative to the Dockerfile's directory; NULL: found by its COPY sources */
	/* The names in a directory, ended by NULL, directories with a slash behind; NULL when they cannot be known. Valid
	   until the next question. */
	const char *const *(*list)(void *ctx, const char *path);
	/* The files of the repository that may say how images are built and run (compose files, Kubernetes manifests), ended
	   by NULL; NULL when they cannot be known. `directory` gets the Dockerfile's seen from the top of the repository:
	   "services/web", "" for the top itself. Both are valid until the next question. */
	const char *const *(*consumers)(void *ctx, const char **directory);
	/* Reads YAML: all documents of a text. Gives 0 or UNROOT_ESYNTAX and fills `error`. The nodes are valid until the
	   next question. */
	int (*yaml)(void *ctx, const char *bytes, size_t length, const unroot_yaml_node **nodes, size_t *count,
		    unroot_error *error);
	/* All Dockerfiles of the repository, ended by NULL, as paths relative to the Dockerfile's directory; NULL when they
	   cannot be known. Valid until the next question. */
	const char *const *(*dockerfiles)(void *ctx);
	int only_dockerfile; /* other files are read, but a fix that would have to change one is not made */
} unroot_provider;

typedef struct unroot_finding {
	const char *rule;
	unroot_class cls;
	const char *message; /* one or more lines */
	const char *detail;  /* for a summary: "/app", "80 → 8080"; "" when there is none */
	const char *follow;  /* what has to follow outside, "" when nothing */
	size_t start, end;   /* in the Dockerfile as it was given */
	unsigned line, column, end_line, end_column;
	int fixable;	 /* there is a fix, of whatever class */
	int fixed;	 /* its fix is among the edits */
	unsigned bundle; /* findings of one bundle are fixed together; 0: alone */
} unroot_finding;

typedef struct unroot_edit {
	size_t start, end; /* in the original bytes of the file */
	const char *text;
	size_t length;
} unroot_edit;

/* A file that changes: the Dockerfile, then files of the build context, then those of whoever uses the image. Written from
   the last to the first, a run that dies in between leaves what a second run completes. */
typedef struct unroot_file {
	const char *path; /* as asked of the provider; the Dockerfile: the name that was given */
	const char *original;
	size_t original_length;
	const char *fixed;
	size_t fixed_length;
	const unroot_edit *edits; /* sorted, not overlapping */
	size_t edit_count;
} unroot_file;

typedef struct unroot_report unroot_report;

/* Analyses one Dockerfile and makes the fixes of the classes that the options allow. `name` is only used in
   messages; `bytes` must stay valid as long as the report; `provider` may be NULL. */
UNROOT_API int unroot_run(unroot_report **out, unroot_engine *engine, const char *name, const char *bytes, size_t length,
			  const unroot_provider *provider, unroot_error *error);
UNROOT_API void unroot_report_free(unroot_report *report);

/* Findings, sorted by place. They belong to the report. */
UNROOT_API const unroot_finding *unroot_findings(const unroot_report *report, size_t *count);

/* The files that the fixes change; none when there is nothing to do. */
UNROOT_API const unroot_file *unroot_files(const unroot_report *report, size_t *count);

/* The unified diff of one file, NUL-terminated; freed with the report. NULL when memory runs out. */
UNROOT_API const char *unroot_diff(unroot_report *report, const unroot_file *file, const char *path, size_t *length);

/* The rules: their ids in alphabetical order, NULL after the last; and the page of one in Markdown, or NULL. */
UNROOT_API const char *unroot_rule_id(size_t index);
UNROOT_API const char *unroot_rule_page(const char *id);

UNROOT_API const char *unroot_version(void);

#ifdef __cplusplus
}
#endif

#endif
