/* file: URIs (RFC 8089) and paths. */
#ifndef UNROOT_LSP_URI_H
#define UNROOT_LSP_URI_H

#include "base/arena.h"

/* The absolute path of a file: URI of this machine, NUL-terminated; an empty text for all others. */
struct str uri_path(struct arena *a, struct str uri);

/* The URI of an absolute path, as VS Code writes it. NUL-terminated. */
struct str uri_of(struct arena *a, struct str path);

#endif
