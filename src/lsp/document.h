/* The documents that the client has open. */
#ifndef UNROOT_LSP_DOCUMENT_H
#define UNROOT_LSP_DOCUMENT_H

#include "lsp/message.h"
#include "lsp/text.h"

struct document_open {
	struct document_open *next;
	char *uri;
	struct text *text;
	json_int_t version;
	bool other; /* no Dockerfile: open because fixes change such files */
};

/* A glob for the files around a Dockerfile that fixes change. */
#define OTHER_FILES "**/*.{yaml,yml,conf}"

struct documents {
	struct document_open *first;
};

/* The document of that URI (a JSON string; anything else is never found), or NULL. */
struct document_open *documents_find(const struct documents *all, const json_t *uri);

/* Params of didOpen, didChange and didClose. False when they are not as they should be, the document is not open, or
   memory runs out; the text is then as it was. Changes are made one after the other. */
bool documents_open(struct documents *all, const json_t *params);
bool documents_change(struct documents *all, struct arena *scratch, enum encoding encoding, const json_t *params);
bool documents_close(struct documents *all, const json_t *params);

/* Makes `copy` the documents as they are now; false when memory runs out. */
bool documents_copy(struct documents *copy, const struct documents *all);

void documents_free(struct documents *all);

/* Reads a Position; false when it is none. */
bool position_read(const json_t *value, struct text_position *place);

#endif
