#include "bot/state.h"

#include "bot/mark.h"

static const struct forge_request *find_open(const struct state_seen *seen)
{
	const struct forge_request *found = NULL;
	for (size_t i = 0; i < seen->n; i++)
		if (seen->requests[i].state == FORGE_OPEN)
			found = &seen->requests[i]; /* the oldest: should there be two, people know that one */
	return found;
}

static bool was_declined(const struct state_seen *seen, struct str hash)
{
	for (size_t i = 0; i < seen->n; i++) {
		struct mark mark;
		const struct forge_request *r = &seen->requests[i];
		if (r->state == FORGE_CLOSED && mark_read(r->body, &mark) && !mark.obsolete && str_eq(mark.hash, hash))
			return true;
	}
	return false;
}

static bool lacks_labels(const struct forge_request *request, const char *const *labels)
{
	for (; *labels; labels++) {
		bool found = false;
		for (size_t i = 0; i < request->labels.n && !found; i++)
			found = str_eq(request->labels.at[i], str_of(*labels));
		if (!found)
			return true;
	}
	return false;
}

static struct state_decision decide(const struct forge_request *open, enum state_verdict verdict, unsigned steps)
{
	return (struct state_decision){.verdict = verdict,
				       .steps = steps,
				       .number = open ? open->number : 0,
				       .url = open ? open->url : STR("")};
}

/* There is nothing to change any more. A text that was written over by people is still closed: the branch is what
   counts. */
static struct state_decision tidy_up(const struct state_seen *seen, const struct state_wanted *wanted,
				     const struct forge_request *open)
{
	bool foreign = seen->branch && !seen->branch_own;
	if (!wanted->sure)
		return decide(open, STATE_UNSURE, 0);
	if (!open && (!seen->branch || foreign))
		return decide(open, STATE_NOTHING, 0);
	if (foreign)
		return decide(open, STATE_FOREIGN, 0);
	return decide(open, STATE_OBSOLETE, (open ? STEP_CLOSE : 0u) | (seen->branch ? STEP_DELETE : 0u));
}

/* The open request is kept up to date in place. */
static struct state_decision keep_up(const struct state_seen *seen, const struct state_wanted *wanted,
				     const struct forge_request *open)
{
	struct mark mark;
	unsigned push = seen->branch_current ? 0 : STEP_PUSH;
	unsigned label = lacks_labels(open, wanted->labels) ? STEP_LABEL : 0;
	bool marked = mark_read(open->body, &mark);
	unsigned text = marked && (mark.obsolete || !str_eq(mark.hash, wanted->hash)) ? STEP_TEXT : 0;
	return decide(open, push | text ? STATE_UPDATE : STATE_CURRENT, push | text | label);
}

struct state_decision state_decide(const struct state_seen *seen, const struct state_wanted *wanted)
{
	const struct forge_request *open = find_open(seen);
	if (!wanted->change)
		return tidy_up(seen, wanted, open);
	if (seen->branch && !seen->branch_own)
		return decide(open, STATE_FOREIGN, 0);
	if (open)
		return keep_up(seen, wanted, open);
	if (was_declined(seen, wanted->hash))
		return decide(NULL, STATE_DECLINED, 0);
	return decide(NULL, STATE_OPEN,
		      (seen->branch_current ? 0u : STEP_PUSH) | STEP_OPEN | (*wanted->labels ? STEP_LABEL : 0u));
}
