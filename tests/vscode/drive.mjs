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
const PATIENCE = 120_000; // milliseconds
const codeServer = join(here, "node_modules/code-server/out/node/entry.js");
const home = mkdtempSync(join(tmpdir(), "unroot-vscode-"));
const project = join(home, "project");
const dockerfile = join(project, "Dockerfile");
const original = '# an app\nFROM node:20-slim\nWORKDIR /srv\nCOPY . .\nCMD ["node", "server.js"]\n';

function prepare() {
  mkdirSync(project);
  mkdirSync(join(home, "data/User"), { recursive: true });
  writeFileSync(dockerfile, original);
  const settings = {
    "unroot.path": unroot,
    "[dockerfile]": { "editor.codeActionsOnSave": { "source.fixAll.unroot": "explicit" } },
    "chat.disableAIFeatures": true,
    "editor.minimap.enabled": false,
    "files.autoSave": "off",
    "security.workspace.trust.enabled": false,
    "telemetry.telemetryLevel": "off",
    "workbench.secondarySideBar.defaultVisibility": "hidden",
    "workbench.startupEditor": "none",
    "workbench.tips.enabled": false,
  };
  writeFileSync(join(home, "data/User/settings.json"), JSON.stringify(settings));
}

const folders = ["--user-data-dir", join(home, "data"), "--extensions-dir", join(home, "extensions")];
const environment = { ...process.env, HOME: home, XDG_CONFIG_HOME: home, XDG_DATA_HOME: home, PORT: undefined };

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

async function startServer(port) {
  const log = openSync(join(here, "code-server.log"), "w");
  const options = ["--auth", "none", "--bind-addr", `127.0.0.1:${port}`, "--disable-telemetry", "--disable-update-check"];
  const server = spawn(process.execPath, [codeServer, ...folders, ...options, "--disable-workspace-trust"], {
    env: environment,
    detached: true,
    stdio: ["ignore", log, log],
  });
  for (let waited = 0; waited < PATIENCE; waited += 500) {
    const answer = await fetch(`http://127.0.0.1:${port}/healthz`).catch(() => undefined);
    if (answer?.ok) return server;
    await sleep(500);
  }
  throw new Error("code-server does not answer: code-server.log");
}

/** Waits until `test` holds, and says what was there instead. */
async function until(what, test) {
  let last;
  for (let waited = 0; waited < PATIENCE; waited += 250) {
    last = await test();
    if (last === true) return;
    await sleep(250);
  }
  throw new Error(`${what}: ${JSON.stringify(last)}`);
}

function onDisk(what, wanted) {
  return until(what, () => readFileSync(dockerfile, "utf8") === wanted || readFileSync(dockerfile, "utf8"));
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
    await this.page.getByRole("treeitem", { name: "Dockerfile" }).dblclick({ timeout: PATIENCE });
    await this.page.locator(".monaco-editor .view-line").first().waitFor({ timeout: PATIENCE });
  }

  async command(name) {
    await this.page.keyboard.press("F1");
    await this.page.locator(".quick-input-widget input").first().fill(`>${name}`);
    await this.page.locator(".quick-input-list .monaco-list-row", { hasText: name }).first().click({ timeout: PATIENCE });
  }

  async focus() {
    await this.page.locator(".monaco-editor .view-line").first().click();
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
  await sleep(2000); // a second answer would come by now
  assert.equal(await editor.squiggles(), wanted);
  await editor.shot("findings");
}

async function savingFixes(editor) {
  const edited = original.replace("# an app", "# an app!");
  await editor.focus();
  await editor.page.keyboard.press("Control+Home");
  await editor.page.keyboard.press("End");
  await editor.page.keyboard.type("!");
  await editor.page.keyboard.press("Control+S");
  await onDisk("the file once it was saved", fixed(edited));
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
  await until("a file that changed", async () => (await editor.page.locator(".tab.active.dirty").count()) > 0);
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
  await inner.getByRole("heading", { name: "run-as-root" }).waitFor({ timeout: PATIENCE });
  await editor.shot("explain");
}

prepare();
installExtension();
const port = await freePort();
const server = await startServer(port);
const browser = await chromium.launch({ executablePath: browserPath, args: ["--no-sandbox"] });
const page = await browser.newPage({ viewport: { width: 1100, height: 700 } });
const editor = new Editor(page);
try {
  await editor.open(port);
  for (const step of [squigglesAppearOnce, savingFixes, fixCommand, previewCommand, explainCommand]) {
    await step(editor);
    console.log(`ok ${step.name}`);
  }
} catch (error) {
  await editor.shot("failed");
  throw error;
} finally {
  await browser.close();
  process.kill(-server.pid);
  await new Promise((done) => server.on("exit", done));
  rmSync(home, { recursive: true, force: true, maxRetries: 5 });
}
