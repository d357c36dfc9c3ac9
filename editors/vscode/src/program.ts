// Finds the program: the setting, PATH, then what the extension brings along.
import { accessSync, constants, statSync } from "node:fs";
import { homedir } from "node:os";
import { delimiter, join } from "node:path";

import { type ExtensionContext, workspace } from "vscode";

const name = process.platform === "win32" ? "unroot.exe" : "unroot";

function isProgram(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return statSync(path).isFile();
  } catch {
    return false;
  }
}

function expand(path: string): string {
  const folder = workspace.workspaceFolders?.[0]?.uri.fsPath;
  if (path.startsWith("~/")) return join(homedir(), path.slice(2));
  return folder ? path.replace(/^\$\{workspaceFolder\}/, () => folder) : path;
}

/** The path of the program; throws an error for the user when there is none. */
export function findProgram(context: ExtensionContext): string {
  const wanted = workspace.getConfiguration("unroot").get("path", "").trim();
  if (wanted) {
    const path = expand(wanted);
    if (isProgram(path)) return path;
    throw new Error(`the setting unroot.path names no program: ${path}`);
  }
  const folders = (process.env.PATH ?? "").split(delimiter).filter((folder) => folder);
  const found = [...folders, context.asAbsolutePath("bin")].map((folder) => join(folder, name)).find(isProgram);
  if (found) return found;
  throw new Error("the program unroot is not in PATH; install it, or name it in the setting unroot.path");
}
