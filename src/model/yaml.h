/* YAML that a provider has read, as the core looks at it: by keys, through aliases and merges, with places. */
#ifndef UNROOT_MODEL_YAML_H
#define UNROOT_MODEL_YAML_H

#include "base/arena.h"
#include "syntax/source.h"

#define YAML_NONE UINT32_MAX

enum yaml_kind { YAML_MAPPING, YAML_SEQUENCE, YAML_SCALAR, YAML_ALIAS };

struct yaml_node {
	enum yaml_kind kind;
	uint32_t parent;      /* YAML_NONE for the root of a document */
	uint32_t target;      /* YAML_ALIAS: what it stands for, or YAML_NONE */
	uint32_t first, next; /* what it holds: the first of it, and the next beside this one; YAML_NONE */
	struct str key;	      /* in a mapping; empty where the key is no scalar */
	uint32_t key_start;
	struct str value; /* YAML_SCALAR */
	struct span span; /* YAML_SCALAR: without quotes */
	bool verbatim;	  /* the bytes of the span are the value */
	bool flow;	  /* it stands between braces or brackets */
	bool shared;	  /* an anchor makes it count in several places */
};

struct yaml {
	struct yaml_node *at;
	uint32_t n;
	uint32_t work;	  /* nodes that merges may still cost */
	struct str fault; /* why not all of it is known ("3:5: …"), or empty */
};

/* Fills first, next and shared, of a list whose other fields are set. Linear. */
void yaml_link(struct arena *a, struct yaml *y);

/* What an alias stands for; the node itself when it is none. YAML_NONE when that is not known. */
uint32_t yaml_resolve(const struct yaml *y, uint32_t node);

/* The value of `key` in a mapping, through aliases and merges, resolved; YAML_NONE without one. `node` may be
 * YAML_NONE. */
uint32_t yaml_get(struct yaml *y, uint32_t node, struct str key);

struct yaml_list {
	uint32_t *at;
	size_t n, cap;
};

/* What a mapping or sequence holds, merges included, in order, not resolved. */
struct yaml_list yaml_items(struct arena *a, struct yaml *y, uint32_t node);

/* The value of a scalar; p is NULL for anything else. */
struct str yaml_scalar(const struct yaml *y, uint32_t node);

#endif
