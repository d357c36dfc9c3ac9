/* What happens to paths: what the file itself does to them, and which the plan hands over. */
#ifndef UNROOT_PLAN_PATHS_H
#define UNROOT_PLAN_PATHS_H

#include "plan/plan.h"

struct paths {
	struct map events; /* struct path_events *, private to paths.c */
	struct map handed; /* index of the latest handover of a path + 1 */
};

void paths_read(struct paths *paths, struct arena *a, const struct facts *f);

/* Whether the file hands the path over itself, or takes it away again, from index `from` of facts.made on. */
bool paths_settled(const struct paths *paths, struct str path, uint32_t from);

/* Whether the file takes the path away again under a condition, from index `from` of facts.made on. */
bool paths_doubted(const struct paths *paths, struct str path, uint32_t from);

/* The index in facts.made where what the steps from instruction `ins` on do begins. */
uint32_t paths_moment(const struct facts *f, uint32_t ins);

/* Whether the file hands the path over itself at any time, and does not take it away after that. What a COPY puts there later
   is root's nevertheless. */
bool paths_owned(const struct paths *paths, struct str path);

/* Whether a step writes the file with content in it. */
bool paths_written(const struct paths *paths, struct str path);

/* Whether a step makes the directory itself, or something below it. */
bool paths_made(const struct paths *paths, struct str path);

/* Whether something is put into the directory; with a moment, an index in facts.made, before that. */
bool paths_hold(const struct paths *paths, struct str path);
bool paths_hold_by(const struct paths *paths, struct str path, uint32_t moment);

/* Whether the plan hands over the path, or a directory above it. */
bool paths_handed(const struct paths *paths, struct str path);

/* Whether the user may write there: it is the app's, or anybody's. */
bool paths_writable(const struct plan *p, const struct paths *paths, struct str path);

/* Looks for modes that would shut the user out, when it is decided what becomes the user's (src/plan/modes.c). */
void plan_modes(struct plan *p, const struct paths *paths);

/* Looks for what would fail for want of rights, and says so in the plan. */
void plan_checks(struct plan *p, const struct paths *paths);

#endif
