// The server's text is the client's after every one of a thousand random sequences of edits: edits.mjs UNROOT [SEED]
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import protocol from "vscode-languageserver-protocol/node.js";
import { TextDocument } from "vscode-languageserver-textdocument";

const [unroot, seed = "1"] = process.argv.slice(2);
const SEQUENCES = 1000;
const PIECES = ["a", "FROM node:20", "RUN true", " ", "\t", "\n", "\n", "\r\n", "\r", "\\", "\\\n", "é", "€", "🐳", "👩‍💻", "\ufeff", "\0", "# x", "<<EOF", '["a"]', "\u2028", "\ud7ff", "\ufffd"];

let state = Number(seed) >>> 0;
// mulberry32: the same numbers everywhere.
function random(below) {
  state = (state + 0x6d2b79f5) >>> 0;
  let t = Math.imul(state ^ (state >>> 15), state | 1);
  t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
  return ((t ^ (t >>> 14)) >>> 0) % below;
}

function text(most) {
  return Array.from({ length: random(most + 1) }, () => PIECES[random(PIECES.length)]).join("");
}

const splitsPair = (s, at) => /[\ud800-\udbff]/.test(s[at - 1] ?? "") && /[\udc00-\udfff]/.test(s[at] ?? "");

class Server {
  constructor(encoding) {
    this.encoding = encoding;
    this.process = spawn(unroot, ["lsp", "--stdio"], { stdio: ["pipe", "pipe", "inherit"] });
    this.connection = protocol.createProtocolConnection(
      new protocol.StreamMessageReader(this.process.stdout),
      new protocol.StreamMessageWriter(this.process.stdin),
    );
    this.connection.listen();
  }

  async begin() {
    const result = await this.connection.sendRequest(protocol.InitializeRequest.type, {
      processId: process.pid,
      rootUri: null,
      capabilities: { general: { positionEncodings: [this.encoding] }, textDocument: { diagnostic: {} } },
    });
    assert.equal(result.capabilities.positionEncoding, this.encoding);
    await this.connection.sendNotification(protocol.InitializedNotification.type, {});
  }

  position(document, offset) {
    const position = document.positionAt(offset);
    if (this.encoding === "utf-16") return position;
    const start = document.offsetAt({ line: position.line, character: 0 });
    return { line: position.line, character: Buffer.byteLength(document.getText().slice(start, start + position.character)) };
  }

  // One change of the document as it is; applied to it, and as it is sent.
  change(document, halves) {
    const all = document.getText();
    if (random(40) === 0) {
      const change = { text: text(30) };
      return [change, change];
    }
    const place = () => {
      const at = random(all.length + 1);
      return !halves && splitsPair(all, at) ? at - 1 : at;
    };
    const [start, end] = random(3) ? [place()] : [place(), place()].sort((a, b) => a - b);
    const from = start, to = end ?? start, by = random(4) ? text(4) : "";
    return [
      { range: { start: document.positionAt(from), end: document.positionAt(to) }, text: by },
      { range: { start: this.position(document, from), end: this.position(document, to) }, text: by },
    ];
  }

  async sequence(uri, halves) {
    let version = 1;
    const seen = (s) => (halves ? s.replace(/[\ud800-\udfff\ufffd]/g, "?") : s);
    let document = TextDocument.create(uri, "dockerfile", version, text(60));
    await this.connection.sendNotification(protocol.DidOpenTextDocumentNotification.type, {
      textDocument: { uri, languageId: "dockerfile", version, text: document.getText() },
    });
    for (let round = 1 + random(10); round > 0; round--) {
      const contentChanges = [];
      version++;
      for (let n = 1 + random(5); n > 0; n--) {
        const [own, sent] = this.change(document, halves);
        contentChanges.push(sent);
        // Made anew: what update() keeps of the lines is wrong once an edit has put CR and LF together.
        document = TextDocument.create(uri, "dockerfile", version, TextDocument.update(document, [own], version).getText());
      }
      await this.connection.sendNotification(protocol.DidChangeTextDocumentNotification.type, {
        textDocument: { uri, version },
        contentChanges,
      });
      const answer = await this.connection.sendRequest("unroot/viewText", { textDocument: { uri } });
      assert.equal(answer.version, version);
      assert.equal(seen(answer.text), seen(document.getText()), `seed ${seed}, ${uri}, version ${version}`);
      compared++;
    }
    await this.connection.sendNotification(protocol.DidCloseTextDocumentNotification.type, { textDocument: { uri } });
  }

  async end() {
    await this.connection.sendRequest(protocol.ShutdownRequest.type);
    const ended = new Promise((resolve) => this.process.on("exit", resolve));
    await this.connection.sendNotification(protocol.ExitNotification.type);
    assert.equal(await ended, 0);
  }
}

let compared = 0;
for (const encoding of ["utf-16", "utf-8"]) {
  const server = new Server(encoding);
  await server.begin();
  // A position in bytes cannot lie between the halves of a surrogate pair, one in UTF-16 can.
  for (let i = 0; i < SEQUENCES / 2; i++) await server.sequence(`untitled:${encoding}-${i}`, encoding === "utf-16" && i % 5 === 0);
  await server.end();
}
console.log(`${SEQUENCES} sequences, ${compared} texts compared`);
