/* What the client's user sets, and what is registered with the client because of it. */
#ifndef UNROOT_LSP_SETTINGS_H
#define UNROOT_LSP_SETTINGS_H

#include "lsp/server.h"

/* After `initialized`: asks for the settings, and to be told of changes. */
void settings_begin(struct server *s);

/* workspace/didChangeConfiguration */
void settings_changed(struct server *s, json_t *params);

/* The answer to a request of the server. */
void settings_answered(struct server *s, json_int_t id, const json_t *result);

#endif
