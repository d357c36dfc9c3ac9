// Pages of the rules, shown as Markdown.
import { readFileSync } from "node:fs";

import {
  commands,
  type Disposable,
  type ExtensionContext,
  languages,
  type TextDocumentContentProvider,
  Uri,
  window,
  workspace,
} from "vscode";

const scheme = "unroot-rule";

export class RulePages implements TextDocumentContentProvider, Disposable {
  private readonly registration = workspace.registerTextDocumentContentProvider(scheme, this);

  constructor(
    private readonly context: ExtensionContext,
    private readonly page: (rule: string) => Promise<string>,
  ) {}

  provideTextDocumentContent(uri: Uri): Promise<string> {
    return this.page(uri.path.replace(/^\/|\.md$/g, ""));
  }

  async show(rule?: string): Promise<void> {
    const wanted = rule ?? (await this.choose());
    if (wanted) await commands.executeCommand("markdown.showPreview", Uri.from({ scheme, path: `/${wanted}.md` }));
  }

  /** The rules found where the cursor is come first. */
  private choose(): Thenable<string | undefined> {
    const here = rulesAtCursor();
    const rules = [...here, ...this.allRules().filter((rule) => !here.includes(rule))];
    return window.showQuickPick(rules, { title: "Explain which rule?" });
  }

  private allRules(): string[] {
    const schema = JSON.parse(readFileSync(this.context.asAbsolutePath("dist/unroot.schema.json"), "utf8"));
    return schema.definitions.rule.enum;
  }

  dispose(): void {
    this.registration.dispose();
  }
}

function rulesAtCursor(): string[] {
  const editor = window.activeTextEditor;
  if (!editor) return [];
  const found = languages
    .getDiagnostics(editor.document.uri)
    .filter((one) => one.source === "unroot" && one.range.intersection(editor.selection))
    .map((one) => (typeof one.code === "object" ? one.code.value : one.code))
    .filter((code) => code !== undefined)
    .map(String);
  return [...new Set(found)];
}
