/* workspace/executeCommand. */
#ifndef UNROOT_LSP_COMMAND_H
#define UNROOT_LSP_COMMAND_H

#include "lsp/server.h"

/* The names, as an array. */
json_t *command_names(void);

void command_execute(struct server *s, json_t *id, json_t *params);

#endif
