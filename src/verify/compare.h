/* Two observations, side by side. */
#ifndef UNROOT_VERIFY_COMPARE_H
#define UNROOT_VERIFY_COMPARE_H

#include "verify/observe.h"

/* A port that the fix has moved. */
struct port_move {
	uint32_t from, to;
};

struct port_moves {
	struct port_move *at;
	size_t n, cap;
};

enum difference_kind {
	DIFFERS_START,	 /* does not start */
	DIFFERS_ROOT,	 /* a process is root */
	DIFFERS_STATE,	 /* ended, or ended otherwise */
	DIFFERS_PROCESS, /* a program is missing, or died on the way */
	DIFFERS_PORT,	 /* a port is not open */
	DIFFERS_EXPOSE,	 /* an open port is not named by EXPOSE */
	DIFFERS_HTTP,	 /* an answer */
	DIFFERS_HEALTH,	 /* the image's own check */
	DIFFERS_CHECK,	 /* the check that was asked for */
	DIFFERS_REFUSED, /* something was refused for want of rights */
	DIFFERS_OUTPUT,	 /* what it printed */
	DIFFERS_KINDS
};

/* Their names: "start", "root", … */
extern const char *const difference_names[DIFFERS_KINDS];

struct difference {
	enum difference_kind kind;
	bool counts;	 /* makes the verdict "differs"; otherwise worth to be known */
	struct str text; /* one line, or a line and what was printed */
	struct str key;	 /* what it is about, the same in every run */
	struct str path; /* of what could not be written, as far as a line tells it */
};

struct differences {
	struct difference *at;
	size_t n, cap;
};

struct comparison {
	struct arena *arena;
	const struct port_moves *moves;
	const struct http_request *requests;
	bool non_root; /* the second one has to run without root */
};

/* What the second run does otherwise than the first. */
void compare(const struct comparison *c, const struct observation *original, const struct observation *fixed,
	     struct differences *out);

/* Whether one counts; and whether one of those may be chance, which a second run of the original tells. */
bool differences_count(const struct differences *d);
bool differences_may_be_chance(const struct differences *d);

/* What the original does otherwise from run to run does not count. `chance` is how two runs of it differ. */
void differences_forgive(struct arena *a, struct differences *d, const struct differences *chance);

/* Where the fixed one listens instead. */
uint32_t port_moved(const struct port_moves *moves, uint32_t port);

/* Moves that EXPOSE tells of, besides those that are known: as many ports gone as new ones, in their order; otherwise
   80 to 8080, 443 to 8443, +8000 where the new number is there. */
void port_moves_guess(struct arena *a, const struct engine_image *original, const struct engine_image *fixed,
		      struct port_moves *moves);

/* The moves that a finding's detail tells of: "80 → 8080". */
void port_moves_read(struct arena *a, struct str detail, struct port_moves *moves);

#endif
