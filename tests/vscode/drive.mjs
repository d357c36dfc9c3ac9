// What somebody does who opens a Dockerfile: drive.mjs UNROOT VSIX CHROMIUM
import assert from "node:assert/strict";
import { spawn, spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, openSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";

import { chromium } from "playwright-core";

const [unroot, vsix, browserPath] = process.argv.slice(2);
const here = import.meta.dirname;
const PATIENCE = 180_000; // milliseconds; a machine may be slow, and busy with something else
const SAVES = 4; // tries
const codeServer = join(here, "node_modules/code-server/out/node/entry.js");
const home = mkdtempSync(join(tmpdir(), "unroot-vscode-"));
const project = join(home, "project");
const dockerfile = join(project, "Dockerfile");
const spied = join(home, "unroot");
const answers = join(home, "answers");
const original = '# an app\nFROM node:20-slim\nWORKDIR /srv\nCOPY . .\nCMD ["node", "server.js"]\n';

const composed = "services:\n  web:\n    build: web\n    ports:\n      - 80:80\n";
const web = 'FROM python:3.12-slim\nEXPOSE 80\nCMD ["gunicorn", "--bind", "0.0.0.0:80", "app:app"]\n';

function prepare() {
  mkdirSync(join(project, "web"), { recursive: true });
  mkdirSync(join(project, ".git"));
  writeFileSync(join(project, "web/Dockerfile"), web);
  writeFileSync(join(project, "compose.yaml"), composed);
  mkdirSync(join(home, "data/User"), { recursive: true });
  mkdirSync(join(home, "data/Machine"));
  writeFileSync(dockerfile, original);
  writeFileSync(spied, `#!/bin/sh\n'${unroot}' "$@" | tee -a '${answers}'\n`, { mode: 0o755 });
  const settings = {
    "[dockerfile]": { "editor.codeActionsOnSave": { "source.fixAll.unroot": "explicit" } },
    "chat.disableAIFeatures": true,
    "editor.minimap.enabled": false,
    "extensions.autoCheckUpdates": false,
    "extensions.ignoreRecommendations": true,
    "files.autoSave": "off",
    "security.workspace.trust.enabled": false,
    "telemetry.telemetryLevel": "off",
    "workbench.secondarySideBar.defaultVisibility": "hidden",
    "workbench.startupEditor": "none",
    "workbench.tips.enabled": false,
  };
  writeFileSync(join(home, "data/User/settings.json"), JSON.stringify(settings));
  // Where a program lies is the server's own matter: in the user's settings it is dropped when the extension is loaded.
  writeFileSync(join(home, "data/Machine/settings.json"), JSON.stringify({ "unroot.path": spied }));
}

const folders = ["--user-data-dir", join(home, "data"), "--extensions-dir", join(home, "extensions")];
const environment = {
  ...process.env,
  HOME: home,
  TMPDIR: home,
  XDG_CONFIG_HOME: home,
  XDG_DATA_HOME: home,
  PORT: undefined,
  EXTENSIONS_GALLERY: "{}", // nothing is asked for outside this machine
};
const browserOptions = [
  "--disable-gpu",
  "--disable-quic",
  "--disable-sync",
  "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1",
];

function installExtension() {
  const run = spawnSync(process.execPath, [codeServer, ...folders, "--install-extension", vsix], { env: environment });
  assert.equal(run.status, 0, `${run.stdout}${run.stderr}`);
}

function freePort() {
  return new Promise((done) => {
    const server = createServer().listen(0, "127.0.0.1", () => {
      const { port } = server.address();
      server.close(() => done(port));
    });
  });
}

/** code-server in a process group of its own. */
function startServer(port) {
  const log = openSync(join(here, "code-server.log"), "w");
  const options = ["--auth", "none", "--bind-addr", `127.0.0.1:${port}`, "--disable-telemetry", "--disable-update-check"];
  return spawn(process.execPath, [codeServer, ...folders, ...options, "--disable-workspace-trust"], {
    env: environment,
    detached: true,
    stdio: ["ignore", log, log],
  });
}

function answering(server, port) {
  return until("an answer of code-server (code-server.log)", async () => {
    assert.equal(server.exitCode, null);
    const answer = await fetch(`http://127.0.0.1:${port}/healthz`).catch((error) => error);
    return answer.ok === true || String(answer);
  });
}

/** Ends everything of the server's process group. */
async function stopServer(server) {
  const signal = (kind) => {
    try {
      return process.kill(-server.pid, kind);
    } catch {
      return false;
    }
  };
  signal("SIGTERM");
  await until("the end of code-server", () => !signal(0) || "running").catch(() => signal("SIGKILL"));
}

/** Waits until `test` holds, and says what was there instead. */
async function until(what, test, patience = PATIENCE) {
  let last;
  for (const end = Date.now() + patience; Date.now() < end; await sleep(100)) {
    last = await test();
    if (last === true) return;
  }
  throw new Error(`${what}: ${JSON.stringify(last)}`);
}

function onDisk(what, wanted, file = dockerfile, patience = PATIENCE) {
  return until(what, () => readFileSync(file, "utf8") === wanted || readFileSync(file, "utf8"), patience);
}

function fixed(text) {
  const run = spawnSync(unroot, ["fix", "-q", "--stdin-filename", dockerfile, "-"], { input: text });
  assert.equal(run.status, 0);
  return run.stdout.toString();
}

function findingCount() {
  const run = spawnSync(unroot, ["check", "-q", "--output-format", "json", dockerfile]);
  return JSON.parse(run.stdout.toString()).files[0].findings.length;
}

class Editor {
  constructor(page) {
    this.page = page;
  }

  async open(port) {
    await this.page.goto(`http://127.0.0.1:${port}/?folder=${encodeURIComponent(project)}`);
    await this.page.getByRole("treeitem", { name: "Dockerfile" }).dblclick();
    await this.line("").waitFor();
  }

  async choose(text, row) {
    await this.page.keyboard.press("F1");
    await this.page.locator(".quick-input-widget input").first().fill(text);
    await this.page.locator(".quick-input-list .monaco-list-row", { hasText: row }).first().click();
  }

  command(name) {
    return this.choose(`>${name}`, name);
  }

  async openFile(path) {
    await this.choose(path, path.split("/").pop());
    await this.page.locator(".tab.active", { hasText: path.split("/").pop() }).waitFor();
  }

  /** The first line that holds `text`. */
  line(text) {
    return this.page.locator(".monaco-editor .view-line", { hasText: text }).first();
  }

  async focus(text = "") {
    await this.line(text).click();
  }

  /** Chooses the fix, and tells whether `result` came of it: a menu that is filled anew loses a click. */
  async quickFix(title, result) {
    const timeout = 15_000;
    await this.page.keyboard.press("Escape");
    await this.page.keyboard.press("Control+.");
    const row = this.page.locator(".action-widget .monaco-list-row", { hasText: title }).first();
    await row.click({ timeout }).catch(() => undefined);
    return this.line(result)
      .waitFor({ timeout })
      .then(() => true)
      .catch(String);
  }

  /** Saves; where a busy machine let Visual Studio Code give up on what was to be done first, once more. */
  async save(what, wanted) {
    for (let tries = 1; ; tries++) {
      await this.page.keyboard.press("Control+S");
      try {
        return await onDisk(what, wanted, dockerfile, PATIENCE / SAVES);
      } catch (error) {
        console.log(`save ${tries}: ${error.message}`);
        if (tries === SAVES) throw error;
      }
    }
  }

  squiggles() {
    return this.page.locator(".monaco-editor .squiggly-warning").count();
  }

  shot(name) {
    return this.page.screenshot({ path: join(here, `${name}.png`) });
  }
}

async function squigglesAppearOnce(editor) {
  const wanted = findingCount();
  assert.ok(wanted > 1);
  await until(`${wanted} squiggles`, async () => (await editor.squiggles()) === wanted || (await editor.squiggles()));
  await editor.shot("findings");
  // Whatever the server had sent unasked would stand before its answer to a later question.
  await editor.focus("FROM");
  await editor.command("Show or Focus Hover");
  await editor.page.locator(".monaco-hover", { hasText: "It runs as root" }).waitFor();
  assert.equal(await editor.squiggles(), wanted);
  assert.ok(!readFileSync(answers, "utf8").includes("publishDiagnostics"));
  await editor.page.keyboard.press("Escape");
}

async function savingFixes(editor) {
  const edited = original.replace("# an app", "# an app!");
  await editor.focus();
  await editor.page.keyboard.press("Control+Home");
  await editor.page.keyboard.press("End");
  await editor.page.keyboard.type("!");
  await editor.save("the file once it was saved", fixed(edited));
  assert.notEqual(fixed(edited), edited);
  await until("no squiggle", async () => (await editor.squiggles()) === 0 || (await editor.squiggles()));
  await editor.shot("fixed");
  // One step takes it back.
  await editor.page.keyboard.press("Control+Z");
  await editor.command("File: Save without Formatting");
  await onDisk("the file after one undo", edited);
}

async function fixCommand(editor) {
  const before = readFileSync(dockerfile, "utf8");
  await editor.focus();
  await editor.command("Unroot: Fix");
  await editor.line("USER").waitFor();
  await editor.command("File: Save without Formatting");
  await onDisk("the file after Unroot: Fix", fixed(before));
  await editor.page.keyboard.press("Control+Z");
  await editor.command("File: Save without Formatting");
  await onDisk("the file after one undo of Unroot: Fix", before);
}

async function previewCommand(editor) {
  await editor.focus();
  await editor.command("Unroot: Show what would change");
  const modified = editor.page.locator(".monaco-diff-editor .editor.modified .view-lines:not(.line-delete)");
  await until("USER in the changed file", async () => (await modified.innerText()).includes("USER\u00a0node"));
  await editor.shot("preview");
  assert.equal(await editor.page.locator(".tab.active", { hasText: "(unroot fix)" }).count(), 1);
  await editor.command("View: Close Editor");
}

async function explainCommand(editor) {
  await editor.focus();
  await editor.command("Unroot: Explain rule");
  await editor.page.locator(".quick-input-list .monaco-list-row", { hasText: "run-as-root" }).first().click();
  const inner = editor.page.frameLocator("iframe.webview").frameLocator("iframe");
  await inner.getByRole("heading", { name: "run-as-root" }).waitFor();
  await editor.shot("explain");
}

/** What is not saved counts: a fix of the Dockerfile finds the line of the compose file where it is now. */
async function unsavedComposeFollows(editor) {
  await editor.openFile("compose.yaml");
  await editor.focus("services");
  await editor.page.keyboard.press("Control+Home");
  await editor.page.keyboard.type("# not saved\n");
  await editor.openFile("web/Dockerfile");
  await editor.focus("gunicorn");
  await until("squiggles", async () => (await editor.squiggles()) > 0);
  await until("a quick fix", () => editor.quickFix("Fix run-as-root", "USER"));
  await editor.openFile("compose.yaml");
  await editor.line("80:8080").waitFor();
  await editor.shot("compose");
  await editor.command("File: Save All Files");
  const wanted = `# not saved\n${composed.replace("80:80", "80:8080")}`;
  await onDisk("the compose file", wanted, join(project, "compose.yaml"));
  assert.ok(readFileSync(join(project, "web/Dockerfile"), "utf8").includes("0.0.0.0:8080"));
}

async function drive(port, browser) {
  const page = await browser.newPage({ viewport: { width: 1100, height: 700 } });
  page.setDefaultTimeout(PATIENCE);
  const editor = new Editor(page);
  try {
    await editor.open(port);
    for (const step of [
      squigglesAppearOnce,
      savingFixes,
      fixCommand,
      previewCommand,
      unsavedComposeFollows,
      explainCommand,
    ]) {
      await step(editor);
      console.log(`ok ${step.name}`);
    }
  } catch (error) {
    await editor.shot("failed");
    throw error;
  }
}

let server;
let browser;
try {
  prepare();
  installExtension();
  const port = await freePort();
  server = startServer(port);
  await answering(server, port);
  browser = await chromium.launch({ executablePath: browserPath, args: browserOptions, timeout: PATIENCE });
  await drive(port, browser);
} finally {
  await browser?.close();
  if (server) await stopServer(server);
  rmSync(home, { recursive: true, force: true, maxRetries: 5 });
}
