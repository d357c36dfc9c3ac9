/* What the server does about each method. */
#ifndef UNROOT_LSP_METHOD_H
#define UNROOT_LSP_METHOD_H

#include "lsp/server.h"

struct method {
	const char *name;
	bool request; /* it is answered; otherwise `id` is NULL */
	bool always;  /* also before `initialize` and after `shutdown` */
	void (*handle)(struct server *s, json_t *id, json_t *params);
};

/* The method of that name, or NULL. */
const struct method *method_find(const char *name);

#endif
