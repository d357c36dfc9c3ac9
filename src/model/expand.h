/* ARG and ENV: what a variable is worth, and BuildKit's expansion of words
 * (moby/buildkit frontend/dockerfile/shell/lex.go; Docker reference, "Environment replacement"). */
#ifndef UNROOT_MODEL_EXPAND_H
#define UNROOT_MODEL_EXPAND_H

#include "base/map.h"
#include "syntax/source.h"

struct variable {
	struct str value;
	bool known;	  /* false: set, but to something that cannot be known here */
	bool unset;	  /* an ARG without a value: a plain build has nothing there, so that ${x:-word} is word; but
			     somebody is meant to pass one, so that $x is not known. `known` is false */
	bool from_env;	  /* set by ENV */
	struct span span; /* where the value stands in the file; {0,0} for predefined or --build-arg */
};

/* The variables of one place. A child scope sees its parent's; putting never changes the parent. */
struct scope {
	struct arena *arena;
	const struct scope *parent;
	struct map names; /* struct variable * */
	/* The work of expansions so far, which is bounded; shared by all scopes of a document. NULL: each expansion is
	   bounded by itself. */
	size_t *spent;
};

/* Behind so many parents variables are no longer looked for: what is not found is not known. */
enum { SCOPE_MAX_DEPTH = 100 };

/* A scope that sees `parent`'s variables (NULL: none) and shares its account of work. */
static inline struct scope scope_child(struct arena *a, const struct scope *parent)
{
	return (struct scope){.arena = a, .parent = parent, .spent = parent ? parent->spent : NULL};
}

/* Sets a variable. An ARG without a value leaves alone what is set already. An ARG that changes what ENV set makes
   the variable unknown: BuildKit takes the ARG from there on, the classic builder and Buildah keep the ENV. A name
   that is new is copied; the value is not, and has to last as long as the scope. */
void scope_put(struct scope *s, struct str name, struct variable value);

/* The variable, or NULL when nobody sets it. */
const struct variable *scope_get(const struct scope *s, struct str name);

struct expansion {
	struct str text; /* when known; may share bytes with the word or a variable */
	bool known;
	/* The first variable that is not known; empty when the syntax is bad or the result too large. */
	struct str unresolved;
	/* Where the word is exactly one reference ($x, ${x}, perhaps in double quotes): the variable, else NULL. */
	const struct variable *from;
};

/* A longer result is not known: Linux passes no longer environment string to a program. */
enum { EXPANSION_MAX = 128 * 1024 };

/* Expands one word as BuildKit does for FROM, COPY, ENV, USER, ...: quotes and escapes taken away, $name,
   ${name}, ${name:-word} and all other forms replaced. A variable that nobody sets expands to nothing, as in a build,
   unless `unset_is_unknown` (a base image may set it in its own ENV). For FROM pass the global scope. */
void expand_word(struct arena *a, const struct scope *scope, char escape, struct str word, bool unset_is_unknown,
		 struct expansion *out);

#endif
