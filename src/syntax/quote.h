/* Go's strconv.Quote, which BuildKit's S-expressions are written with. */
#ifndef UNROOT_SYNTAX_QUOTE_H
#define UNROOT_SYNTAX_QUOTE_H

#include "base/buf.h"

/* Adds the text in double quotes, with \-escapes for all that is not printable. */
void quote_add(struct buf *out, struct str text);

#endif
