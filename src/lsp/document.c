#define _GNU_SOURCE
#include "lsp/document.h"

#include <stdlib.h>

struct document_open *documents_find(const struct documents *all, const json_t *uri)
{
	struct str wanted = json_text(uri);
	struct document_open *d = all->first;
	while (d && !(wanted.p && str_eq(wanted, str_of(d->uri))))
		d = d->next;
	return d;
}

static void free_document(struct document_open *d)
{
	text_unref(d->text);
	free(d->uri);
	free(d);
}

static struct document_open *new_document(struct str uri, struct str text)
{
	struct document_open *d = calloc(1, sizeof *d);
	if (!d)
		return NULL;
	d->uri = strndup(uri.p, uri.n);
	d->text = text_join(&text, 1);
	if (d->uri && d->text)
		return d;
	free_document(d);
	return NULL;
}

static bool is_other(struct str language, struct str uri)
{
	return !str_eq(language, STR("dockerfile")) &&
	       (str_ends(uri, STR(".yaml")) || str_ends(uri, STR(".yml")) || str_ends(uri, STR(".conf")));
}

bool documents_open(struct documents *all, const json_t *params)
{
	const json_t *item = json_at(params, "textDocument");
	const json_t *uri = json_at(item, "uri");
	struct str text = json_text(json_at(item, "text"));
	if (!json_text(uri).p || !text.p)
		return false;
	struct document_open *d = new_document(json_text(uri), text);
	if (!d)
		return false;
	documents_close(all, params); /* a client that opens it twice means the second */
	d->version = json_number_at(item, "version", 0);
	d->other = is_other(json_text(json_at(item, "languageId")), json_text(uri));
	d->next = all->first;
	all->first = d;
	return true;
}

bool position_read(const json_t *value, struct text_position *place)
{
	json_int_t line = json_number_at(value, "line", -1), column = json_number_at(value, "character", -1);
	if (line < 0 || column < 0)
		return false;
	place->line = line < UINT32_MAX ? (uint32_t)line : UINT32_MAX;
	place->column = column < UINT32_MAX ? (uint32_t)column : UINT32_MAX;
	return true;
}

/* The text after one change, with a reference of its own; or NULL. */
static struct text *change(struct arena *scratch, const struct text *text, enum encoding encoding, const json_t *change)
{
	struct str by = json_text(json_at(change, "text"));
	const json_t *range = json_at(change, "range");
	struct text_position start, end;
	if (!by.p)
		return NULL;
	if (!range || json_is_null(range))
		return text_join(&by, 1);
	if (!position_read(json_at(range, "start"), &start) || !position_read(json_at(range, "end"), &end))
		return NULL;
	return text_replace(scratch, text, encoding, start, end, by);
}

bool documents_change(struct documents *all, struct arena *scratch, enum encoding encoding, const json_t *params)
{
	struct document_open *d = documents_find(all, json_at(params, "textDocument.uri"));
	const json_t *changes = json_at(params, "contentChanges");
	if (!d || !json_is_array(changes))
		return false;
	struct text *text = text_ref(d->text);
	for (size_t i = 0; text && i < json_array_size(changes); i++) {
		struct arena_mark mark = arena_mark(scratch);
		struct text *next = change(scratch, text, encoding, json_array_get(changes, i));
		arena_rewind(scratch, mark);
		text_unref(text);
		text = next;
	}
	if (!text)
		return false;
	text_unref(d->text);
	d->text = text;
	d->version = json_number_at(params, "textDocument.version", d->version);
	return true;
}

bool documents_close(struct documents *all, const json_t *params)
{
	struct document_open *d = documents_find(all, json_at(params, "textDocument.uri"));
	if (!d)
		return false;
	struct document_open **link = &all->first;
	while (*link != d)
		link = &(*link)->next;
	*link = d->next;
	free_document(d);
	return true;
}

bool documents_copy(struct documents *copy, const struct documents *all)
{
	*copy = (struct documents){NULL};
	for (const struct document_open *d = all->first; d; d = d->next) {
		struct document_open *same = calloc(1, sizeof *same);
		if (!same)
			return false;
		*same = (struct document_open){copy->first, strdup(d->uri), text_ref(d->text), d->version, d->other};
		copy->first = same;
		if (!same->uri)
			return false;
	}
	return true;
}

void documents_free(struct documents *all)
{
	while (all->first) {
		struct document_open *d = all->first;
		all->first = d->next;
		free_document(d);
	}
}
