/* Findings, each with at most one fix. */
#ifndef UNROOT_FIX_FINDING_H
#define UNROOT_FIX_FINDING_H

#include "fix/edit.h"
#include "unroot/unroot.h"

/* An account that a fix makes. Targets that share stages must not each make one of their own. */
struct account_claim {
	uint32_t stage;	       /* where it is made */
	const uint32_t *chain; /* the stages of the target */
	uint32_t nchain;
	struct str step; /* the step that makes it; the same text at one place is made once */
	uint32_t at;	 /* the place */
};

struct finding {
	const char *rule;
	unroot_class cls;
	struct span span;
	uint32_t scope; /* offset of the target stage's FROM: a comment above it counts, too */
	struct str message; /* one or more lines, first line a sentence for the person */
	struct str detail;  /* for the summary: "/app", "80 → 8080"; may be empty */
	struct str follow;  /* what has to follow outside */
	const struct account_claim *account; /* or NULL; only while edits are chosen */
	struct edits edits; /* none for UNROOT_DISPLAY; may be none in a bundle, whose other members do the work */
	uint32_t bundle;    /* 0: alone */
	bool ignored;	    /* by a pragma: neither shown nor fixed */
};

struct findings {
	struct finding *at;
	size_t n, cap;
};

/* The highest number of a bundle. */
static inline uint32_t findings_last_bundle(const struct findings *findings)
{
	uint32_t last = 0;
	for (size_t i = 0; i < findings->n; i++)
		if (findings->at[i].bundle > last)
			last = findings->at[i].bundle;
	return last;
}

#endif
