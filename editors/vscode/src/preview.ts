// What would change, beside what is there: documents that nobody can save.
import {
  commands,
  type Disposable,
  EventEmitter,
  type TextDocumentContentProvider,
  Uri,
  window,
  workspace,
} from "vscode";

const scheme = "unroot-preview";

/** A file as `unroot fix` would leave it. */
export interface ChangedFile {
  uri: string;
  text: string;
}

export class Previews implements TextDocumentContentProvider, Disposable {
  private readonly texts = new Map<string, string>();
  private readonly changed = new EventEmitter<Uri>();
  private readonly registration = workspace.registerTextDocumentContentProvider(scheme, this);
  private readonly closing = workspace.onDidCloseTextDocument((document) => this.texts.delete(document.uri.toString()));
  readonly onDidChange = this.changed.event;

  provideTextDocumentContent(uri: Uri): string {
    return this.texts.get(uri.toString()) ?? "";
  }

  /** Shows one of the files; asks which when there are several. */
  async show(files: ChangedFile[]): Promise<void> {
    const items = files.map((file) => ({ label: workspace.asRelativePath(Uri.parse(file.uri)), file }));
    const item = items.length > 1 ? await window.showQuickPick(items, { title: "Files that would change" }) : items[0];
    if (item) await this.compare(Uri.parse(item.file.uri), item.file.text);
  }

  private async compare(original: Uri, text: string): Promise<void> {
    const uri = Uri.from({ scheme, path: original.path, query: original.toString() });
    this.texts.set(uri.toString(), text);
    this.changed.fire(uri);
    await commands.executeCommand("vscode.diff", original, uri, `${workspace.asRelativePath(original)} (unroot fix)`);
  }

  dispose(): void {
    this.registration.dispose();
    this.closing.dispose();
    this.changed.dispose();
  }
}
