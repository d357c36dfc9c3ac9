#include "lsp/client.h"

#include "lsp/action.h"
#include "lsp/command.h"

struct capabilities capabilities_read(const json_t *params)
{
	const json_t *all = json_at(params, "capabilities");
	const json_t *encodings = json_at(all, "general.positionEncodings");
	return (struct capabilities){
		.encoding = json_holds(encodings, "utf-8") ? ENCODING_UTF8 : ENCODING_UTF16,
		.pulls_diagnostics = json_is_object(json_at(all, "textDocument.diagnostic")),
		.refreshes_diagnostics = json_flag_at(all, "workspace.diagnostics.refreshSupport"),
		.related_information = json_flag_at(all, "textDocument.publishDiagnostics.relatedInformation"),
		.code_description = json_flag_at(all, "textDocument.publishDiagnostics.codeDescriptionSupport"),
		.diagnostic_versions = json_flag_at(all, "textDocument.publishDiagnostics.versionSupport"),
		.document_changes = json_flag_at(all, "workspace.workspaceEdit.documentChanges"),
		.applies_edits = json_flag_at(all, "workspace.applyEdit"),
		.markdown_hover = json_holds(json_at(all, "textDocument.hover.contentFormat"), "markdown"),
		.pulls_configuration = json_flag_at(all, "workspace.configuration"),
		.registers_formatting = json_flag_at(all, "textDocument.formatting.dynamicRegistration"),
		.registers_watchers = json_flag_at(all, "workspace.didChangeWatchedFiles.dynamicRegistration"),
		.registers_documents = json_flag_at(all, "textDocument.synchronization.dynamicRegistration"),
		.registers_configuration = json_flag_at(all, "workspace.didChangeConfiguration.dynamicRegistration"),
	};
}

json_t *capabilities_json(const struct capabilities *client, bool formatting)
{
	json_t *all =
		json_pack("{s:s, s:{s:b, s:i, s:{s:b}}, s:{s:[s,s]}, s:b, s:{s:o}}", "positionEncoding",
			  encoding_name(client->encoding), "textDocumentSync", "openClose", 1, "change", 2, "save",
			  "includeText", 0, "codeActionProvider", "codeActionKinds", ACTION_QUICK_FIX, ACTION_FIX_ALL,
			  "hoverProvider", 1, "executeCommandProvider", "commands", command_names());
	if (client->pulls_diagnostics)
		json_object_set_new(all, "diagnosticProvider",
				    json_pack("{s:s, s:b, s:b}", "identifier", "unroot", "interFileDependencies", 0,
					      "workspaceDiagnostics", 0));
	if (formatting && !client->registers_formatting)
		json_object_set_new(all, "documentFormattingProvider", json_true());
	return all;
}

struct settings_of_client client_settings_read(const json_t *section)
{
	return (struct settings_of_client){.formatting = !json_is_false(json_at(section, "formatting"))};
}
