// Validates reports of golden/ and of awkward files, and configurations: check.mjs UNROOT GOLDEN SCHEMA
import { spawnSync } from "node:child_process";
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";

import Ajv from "ajv";
import AjvDraft04 from "ajv-draft-04";
import addFormats from "ajv-formats";

import { accepted, refused } from "./config.mjs";

const require = createRequire(import.meta.url);
const { validate: validateRdjson } = require("@umbrelladocs/rdformat-validator");
const [unroot, golden, configSchema] = process.argv.slice(2);
const folder = mkdtempSync(join(tmpdir(), "unroot-schemas-"));
let faults = 0;

function fault(text) {
  console.error(text);
  faults++;
}

function report(format, ...more) {
  const run = spawnSync(unroot, ["check", "-q", "--output-format", format, ...more], { cwd: folder, maxBuffer: 1 << 28 });
  if (run.status === null) throw run.error ?? new Error(`${format}: ended by ${run.signal}`);
  return run.stdout.toString("utf8");
}

function putAwkwardFiles() {
  const node = "FROM node:20-slim\nWORKDIR /srv\nCOPY . .\nCMD [\"node\", \"server.js\"]\n";
  mkdirSync(join(folder, "a b"));
  writeFileSync(join(folder, "a b/100%,:<\"&\n.Dockerfile"), node);
  writeFileSync(join(folder, "bom.Dockerfile"), "\ufeff" + node.replaceAll("\n", "\r\n"));
  writeFileSync(join(folder, "bytes.Dockerfile"), Buffer.from(node.replace("/srv", "/s\x01\x1b\xff"), "latin1"));
  writeFileSync(Buffer.concat([Buffer.from(folder + "/"), Buffer.from("\xff.Dockerfile", "latin1")]), node);
  writeFileSync(join(folder, "refused.Dockerfile"), "FROM scratch\nFRMO x\n");
  writeFileSync(join(folder, "empty.Dockerfile"), "");
}

function checkSchema(name, ajv, schema, value) {
  const validate = ajv.compile(schema);
  if (!validate(value))
    for (const error of validate.errors.slice(0, 5)) fault(`${name}: ${error.instancePath} ${error.message}`);
}

function readJson(...parts) {
  return JSON.parse(readFileSync(join(...parts), "utf8"));
}

async function checkReports(...more) {
  const sarif = JSON.parse(report("sarif", ...more));
  const ajv04 = new AjvDraft04({ strict: false, unicodeRegExp: false });
  addFormats(ajv04);
  const lib = dirname(require.resolve("@microsoft/jest-sarif"));
  checkSchema("sarif", ajv04, readJson(lib, "schemas/sarif-2.1.0-rtm.5.json"), sarif);
  if (!sarif.runs[0].results.every((result) => result.locations[0].physicalLocation.region.startLine > 0))
    fault("sarif: a result without a line");

  const gitlab = JSON.parse(report("gitlab", ...more));
  checkSchema("gitlab", new Ajv(), readJson("gitlab.schema.json"), gitlab);
  if (new Set(gitlab.map((entry) => entry.fingerprint)).size !== gitlab.length) fault("gitlab: a fingerprint comes twice");

  const rdjson = await validateRdjson(JSON.parse(report("rdjson", ...more)));
  if (!rdjson.valid) fault(`rdjson: ${JSON.stringify(rdjson.errors.slice(0, 5))}`);

  const xml = spawnSync("python3", ["-c", "import sys, xml.dom.minidom as m; m.parse(sys.stdin.buffer)"], {
    input: report("checkstyle", ...more),
  });
  if (xml.status !== 0) fault(`checkstyle: ${xml.stderr}`);
  console.log(`${sarif.runs[0].results.length} results`);
}

function takesConfig(value) {
  writeFileSync(join(folder, "config.yaml"), JSON.stringify(value));
  const run = spawnSync(unroot, ["check", "-q", "--config", "config.yaml", "empty.Dockerfile"], { cwd: folder });
  return !run.stderr.toString().includes("config.yaml");
}

function checkConfigs() {
  const validate = new Ajv({ allowUnionTypes: true }).compile(readJson(configSchema));
  for (const [values, wanted] of [[accepted, true], [refused, false]])
    for (const value of values) {
      const text = JSON.stringify(value);
      if (validate(value) !== wanted) fault(`the schema ${wanted ? "refuses" : "takes"} ${text}`);
      if (takesConfig(value) !== wanted) fault(`the program ${wanted ? "refuses" : "takes"} ${text}`);
    }
  console.log(`${accepted.length + refused.length} configurations`);
}

try {
  putAwkwardFiles();
  await checkReports();
  cpSync(golden, join(folder, "golden"), { recursive: true });
  await checkReports("--unsafe-fixes", "golden");
  await checkReports("empty.Dockerfile");
  checkConfigs();
} finally {
  rmSync(folder, { recursive: true });
}
process.exit(faults ? 1 : 0);
