// node peers.mjs NODE_MODULES dockerfile-utils|dprint FOLDER: validates and formats, or formats, the files below.
import { readdirSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";

const [modules, peer, folder] = process.argv.slice(2);
const require = createRequire(join(modules, "package.json"));

const peers = {
	"dockerfile-utils": () => {
		const { format, validate } = require("dockerfile-utils");
		return (text) => format(text).length + validate(text).length;
	},
	dprint: () => {
		const { createFromBuffer } = require("@dprint/formatter");
		const plugin = readFileSync(require("@dprint/dockerfile").getPath());
		const formatter = createFromBuffer(plugin);
		return (fileText) => formatter.formatText({ filePath: "Dockerfile", fileText }).length;
	},
};

const handle = peers[peer]();
let failed = 0;
for (const entry of readdirSync(folder, { recursive: true, withFileTypes: true })) {
	if (!entry.isFile())
		continue;
	try {
		handle(readFileSync(join(entry.parentPath ?? entry.path, entry.name), "utf8"));
	} catch {
		failed++; // a file that the peer cannot read
	}
}
console.log(`${failed} files could not be read by ${peer}`);
