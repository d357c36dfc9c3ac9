// Starts `unroot lsp` and adds the commands that an editor has no place for of its own.
import {
  CodeAction,
  CodeActionKind,
  commands,
  type ExtensionContext,
  Range,
  type TextDocument,
  window,
  workspace,
} from "vscode";
import { ExecuteCommandRequest, LanguageClient, State } from "vscode-languageclient/node";

import { RulePages } from "./explain";
import { type ChangedFile, Previews } from "./preview";
import { findProgram } from "./program";

const fixAll = CodeActionKind.SourceFixAll.append("unroot");
let client: LanguageClient | undefined;

async function start(context: ExtensionContext): Promise<void> {
  const args = workspace.getConfiguration("unroot").get<string[]>("args", []);
  try {
    const server = { command: findProgram(context), args: ["lsp", ...args] };
    client = new LanguageClient("unroot", "Unroot", server, {
      documentSelector: [
        { scheme: "file", language: "dockerfile" },
        { scheme: "untitled", language: "dockerfile" },
      ],
      initializationOptions: { formatting: workspace.getConfiguration("unroot").get("formatting", false) },
    });
    await client.start();
  } catch (error) {
    client = undefined;
    await complain(error);
  }
}

async function complain(error: unknown): Promise<void> {
  const choice = await window.showErrorMessage(
    `Unroot: ${error instanceof Error ? error.message : String(error)}`,
    "Open settings",
  );
  if (choice) await commands.executeCommand("workbench.action.openSettings", "unroot.path");
}

async function stop(): Promise<void> {
  const old = client;
  client = undefined;
  if (old?.state === State.Running) await old.stop();
}

/** Asks the server to execute one of its commands. */
function ask<T>(command: string, argument: string): Promise<T> {
  if (!client) throw new Error("the server does not run");
  return client.sendRequest(ExecuteCommandRequest.type, { command, arguments: [argument] }) as Promise<T>;
}

function activeDockerfile(): TextDocument | undefined {
  const document = window.activeTextEditor?.document;
  if (document?.languageId === "dockerfile") return document;
  void window.showInformationMessage("Unroot: open a Dockerfile first.");
  return undefined;
}

async function fix(): Promise<void> {
  const document = activeDockerfile();
  if (!document) return;
  const actions = await commands.executeCommand<CodeAction[]>(
    "vscode.executeCodeActionProvider",
    document.uri,
    new Range(0, 0, document.lineCount, 0),
    fixAll.value,
  );
  const edit = actions.find((action) => action.kind && fixAll.contains(action.kind))?.edit;
  if (edit) await workspace.applyEdit(edit);
  else void window.showInformationMessage("Unroot: there is nothing that can be fixed safely.");
}

async function preview(previews: Previews): Promise<void> {
  const document = activeDockerfile();
  if (!document || !client) return;
  const uri = client.code2ProtocolConverter.asUri(document.uri);
  const files = await ask<ChangedFile[]>("unroot.server.previewFixes", uri);
  if (files.length) await previews.show(files);
  else void window.showInformationMessage("Unroot: nothing would change.");
}

export async function activate(context: ExtensionContext): Promise<void> {
  const previews = new Previews();
  const pages = new RulePages(context, (rule) => ask("unroot.server.explainRule", rule));
  const restart = () => stop().then(() => start(context));
  context.subscriptions.push(
    previews,
    pages,
    commands.registerCommand("unroot.fix", fix),
    commands.registerCommand("unroot.preview", () => preview(previews)),
    commands.registerCommand("unroot.explain", (rule?: string) => pages.show(rule)),
    commands.registerCommand("unroot.restart", restart),
    workspace.onDidGrantWorkspaceTrust(restart),
    workspace.onDidChangeConfiguration((change) => {
      if (change.affectsConfiguration("unroot.path") || change.affectsConfiguration("unroot.args")) void restart();
    }),
  );
  await start(context);
}

export function deactivate(): Promise<void> {
  return stop();
}
