/* What GitHub's API and Gitea's, which was made after it, have in common. */
#ifndef UNROOT_BOT_HUB_H
#define UNROOT_BOT_HUB_H

#include "bot/forge.h"

/* "/repos/OWNER/NAME/REST" */
struct str hub_path(struct forge *f, const struct forge_repository *r, const char *rest);

/* A repository of an answer. */
void hub_read_repository(struct forge *f, const json_t *json, struct forge_repository *out);

/* forge_kind.repository */
bool hub_repository(struct forge *f, struct str path, struct forge_repository *out);

/* Waits for a fork that was just asked for until it has commits. */
bool hub_await_fork(struct forge *f, const struct forge_repository *fork);

/* A pull request of an answer. */
void hub_read_request(struct forge *f, const json_t *json, struct forge_request *out);

/* "OWNER:BRANCH" */
struct str hub_head(struct forge *f, const struct forge_place *place);

/* forge_kind.update and forge_kind.close */
bool hub_update(struct forge *f, const struct forge_place *place, uint64_t number, struct str body);
bool hub_close(struct forge *f, const struct forge_place *place, uint64_t number, struct str body);

#endif
