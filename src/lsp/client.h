/* What the client can do, as its `initialize` says, and what its user has set. */
#ifndef UNROOT_LSP_CLIENT_H
#define UNROOT_LSP_CLIENT_H

#include "lsp/message.h"
#include "lsp/text.h"

/* Does not change any more after `initialize`. */
struct capabilities {
	enum encoding encoding;
	bool pulls_diagnostics, refreshes_diagnostics;
	bool related_information, code_description, diagnostic_versions;
	bool document_changes, applies_edits, markdown_hover;
	bool pulls_configuration;
	bool registers_formatting, registers_watchers, registers_configuration, registers_documents;
};

/* Reads the params of `initialize`. */
struct capabilities capabilities_read(const json_t *params);

/* What the server says that it can do. */
json_t *capabilities_json(const struct capabilities *client, bool formatting);

/* Settings of the section "unroot". */
struct settings_of_client {
	bool formatting; /* answer and offer textDocument/formatting; on unless it is set to false */
};

/* Reads the section, which may be NULL or of any type. */
struct settings_of_client client_settings_read(const json_t *section);

#endif
