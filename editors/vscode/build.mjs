// One file of JavaScript, and the schema of .unroot.yaml, in dist/.
import { copyFileSync } from "node:fs";

import { build } from "esbuild";

await build({
  entryPoints: ["src/extension.ts"],
  outfile: "dist/extension.js",
  bundle: true,
  platform: "node",
  format: "cjs",
  target: "node18",
  external: ["vscode"],
  minify: true,
  logLevel: "warning",
});
copyFileSync("../../docs/unroot.schema.json", "dist/unroot.schema.json");
