/* JSON-RPC 2.0 messages. */
#ifndef UNROOT_LSP_MESSAGE_H
#define UNROOT_LSP_MESSAGE_H

#include <jansson.h>

#include "base/arena.h"

enum message_error {
	ERROR_PARSE = -32700,
	ERROR_INVALID_REQUEST = -32600,
	ERROR_METHOD_NOT_FOUND = -32601,
	ERROR_INVALID_PARAMS = -32602,
	ERROR_INTERNAL = -32603,
	ERROR_NOT_INITIALIZED = -32002,
	ERROR_REQUEST_FAILED = -32803,
	ERROR_CONTENT_MODIFIED = -32801,
	ERROR_CANCELLED = -32800
};

/* Reads a message, or gives NULL. What JSON allows but UTF-8 cannot hold, a half of a surrogate pair, becomes U+FFFD,
   and so does a byte that is not UTF-8. `body` is changed. */
json_t *message_parse(struct arena *a, char *body, size_t n);

/* A message to be sent; NULL when memory runs out. `id` is not taken; the others are, and NULL means null. */
json_t *message_result(json_t *id, json_t *result);
json_t *message_error(json_t *id, enum message_error code, const char *text);
json_t *message_request(json_int_t id, const char *method, json_t *params);
json_t *message_notification(const char *method, json_t *params);

/* The value at a path of keys, as in "textDocument.uri", or NULL. */
json_t *json_at(const json_t *value, const char *path);

/* A string's text; p is NULL for anything else. */
struct str json_text(const json_t *value);

/* The value at a path of keys, when it is true; when it is an integer, else the other one. */
bool json_flag_at(const json_t *value, const char *path);
json_int_t json_number_at(const json_t *value, const char *path, json_int_t other);

/* Whether an array holds the text. */
bool json_holds(const json_t *array, const char *text);

#endif
