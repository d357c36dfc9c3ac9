/* YAML text, before a library reads it. */
#ifndef UNROOT_PROJECT_YAML_TEXT_H
#define UNROOT_PROJECT_YAML_TEXT_H

#include "base/str.h"

/* The first character that YAML does not allow (YAML 1.2.2, 5.1): what is wrong with it, and its byte offset; or NULL. */
const char *yaml_text_fault(struct str text, size_t *at);

/* Line and column, from 1 and in bytes, of a byte offset. */
void yaml_text_place(struct str text, size_t at, unsigned *line, unsigned *column);

#endif
