/* From what is there to what is to be done. Nothing here asks anybody anything, so that every run can begin anew: one
   that died half-way is followed by one that sees how far it came. */
#ifndef UNROOT_BOT_STATE_H
#define UNROOT_BOT_STATE_H

#include "bot/forge.h"

/* What is there. */
struct state_seen {
	bool branch;			      /* the bot's branch is there */
	bool branch_own;		      /* and its last commit is the bot's own */
	bool branch_current;		      /* and holds exactly what is wanted now */
	const struct forge_request *requests; /* from that branch to the base, the newest first */
	size_t n;
};

/* What is wanted. */
struct state_wanted {
	bool change;		   /* there is something to change */
	bool sure;		   /* every Dockerfile could be judged; where not, a lack of changes proves nothing */
	struct str hash;	   /* of the change */
	const char *const *labels; /* ended by NULL */
};

enum state_verdict {
	STATE_NOTHING,	/* there is nothing to change, and nothing left to tidy up */
	STATE_OPEN,	/* a new request */
	STATE_UPDATE,	/* the open one gets the new change */
	STATE_CURRENT,	/* the open one holds it already */
	STATE_DECLINED, /* a request with this very change was closed: that was a no */
	STATE_FOREIGN,	/* somebody worked on the branch: it is theirs now */
	STATE_OBSOLETE, /* the open one has nothing left to do */
	STATE_UNSURE	/* a Dockerfile could not be judged, so that all stays as it is */
};

/* What is to be done, in this order. */
enum {
	STEP_PUSH = 1 << 0,
	STEP_OPEN = 1 << 1,
	STEP_TEXT = 1 << 2, /* the body of request `number` */
	STEP_LABEL = 1 << 3,
	STEP_CLOSE = 1 << 4,
	STEP_DELETE = 1 << 5 /* the branch */
};

struct state_decision {
	enum state_verdict verdict;
	unsigned steps;
	uint64_t number; /* of the request it is about; 0: none */
	struct str url;
};

struct state_decision state_decide(const struct state_seen *seen, const struct state_wanted *wanted);

#endif
