/* Stages: the FROM graph of a Dockerfile. */
#ifndef UNROOT_MODEL_STAGE_H
#define UNROOT_MODEL_STAGE_H

#include "model/expand.h"
#include "syntax/args.h"

#define STAGE_NONE UINT32_MAX

struct stage {
	uint32_t from;	  /* index of its FROM instruction */
	uint32_t end;	  /* one past its last instruction */
	uint32_t parent;  /* the stage it is FROM, or STAGE_NONE for an image */
	uint32_t children; /* number of stages FROM this one */
	struct str base;  /* after expansion; empty where it is not known: then it may be a stage, too */
	bool copied_from; /* a COPY --from or a mount of a later stage names it (ONBUILD's too) */
};

/* A FROM in full. */
struct from {
	struct word base;	   /* as written */
	struct expansion expanded; /* known = false where an ARG has no value, or it is empty */
	struct str name;	   /* lower case, after AS; empty without */
	struct str platform;	   /* --platform as written; empty without */
};

/* A --build-arg of the command line. */
struct build_arg {
	struct str name, value;
};

struct stages {
	struct stage *at;
	uint32_t n;
	struct scope global;   /* ARGs before the first FROM, and the predefined ones */
	struct map build_args; /* struct build_arg *; only what the file declares takes effect */
	struct map by_name;    /* the stages of a name; private to stage.c, see stages_find() */
	size_t spent;	       /* work done by expansions, see struct scope */
};

/* Reads the stages into `a`. `d` must be without error. Linear in the number of instructions. `out` must stay where it
   is while scopes made from it are in use, and `args` and `d` must outlive it. */
void stages_read(struct arena *a, struct arena *scratch, const struct document *d, const struct build_arg *args,
		 size_t nargs, struct stages *out);

/* Reads the FROM of stage `index` again; for what few stages are asked. */
void stages_from(struct arena *a, const struct stages *s, const struct document *d, uint32_t index, struct from *out);

/* The stage that `COPY --from=text`, a mount's from=text or `FROM text` in stage `before` means: the name of an
   earlier stage, in any case, the latest of several; with `numbers`, which only COPY takes, or its number.
   STAGE_NONE: then it is an image. */
uint32_t stages_find(const struct stages *s, struct str text, uint32_t before, bool numbers);

/* The target stage: by name or number, or the last one for an empty text; STAGE_NONE when there is no such stage. */
uint32_t stages_target(const struct stages *s, struct str text);

/* An empty scope for a stage. `parent` is the scope that the stage it is FROM ends with (a stage inherits ENV and ARG),
   or NULL for an image. */
struct scope stages_scope(struct arena *a, struct stages *s, const struct scope *parent);

/* What an ARG or ENV instruction (others do nothing) does to the scope of its place: ARG takes --build-arg, its own
   default, or the global scope's value, in that order. `image_env_unknown`: the image below may have set variables.
   The instruction may lie in `scratch`; what lasts is copied into the scope's arena. */
void stages_apply(struct arena *scratch, const struct stages *s, struct scope *scope, const struct document *d,
		  const struct args *instruction, bool image_env_unknown);

#endif
