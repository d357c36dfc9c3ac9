/* Values for Jansson, which takes nothing but strict UTF-8. */
#ifndef UNROOT_REPORT_JSON_H
#define UNROOT_REPORT_JSON_H

#include <jansson.h>

#include "base/buf.h"

/* Sets `key` to bytes of a file. Bytes that are not UTF-8 go into `key`_base64 instead. False when memory ran out. */
bool json_set_bytes(struct arena *a, json_t *object, const char *key, struct str bytes);

/* Bytes as base64. */
struct str json_base64(struct arena *a, struct str bytes);

/* Sets `key` to a text made for people; what is not UTF-8 in it becomes U+FFFD. */
bool json_set_text(struct arena *a, json_t *object, const char *key, const char *text);

/* Sets `key` to a number. */
bool json_set_number(json_t *object, const char *key, size_t number);

/* Appends the value in one line, and gives it back. False when it is NULL or memory ran out. */
bool json_add(struct buf *out, json_t *value);

#endif
