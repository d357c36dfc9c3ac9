"""A language client for tests: it starts the server, and speaks to it as bytes or as messages."""
import json
import os
import subprocess
import queue
import threading

PATIENCE = 60  # seconds; a test that waits longer has failed

FULL = {
    "general": {"positionEncodings": ["utf-16"]},
    "workspace": {
        "applyEdit": True,
        "configuration": True,
        "workspaceEdit": {"documentChanges": True},
        "didChangeConfiguration": {"dynamicRegistration": True},
        "didChangeWatchedFiles": {"dynamicRegistration": True},
        "diagnostics": {"refreshSupport": True},
    },
    "textDocument": {
        "diagnostic": {},
        "formatting": {"dynamicRegistration": True},
        "hover": {"contentFormat": ["markdown", "plaintext"]},
        "publishDiagnostics": {"relatedInformation": True, "codeDescriptionSupport": True, "versionSupport": True},
    },
}


class Failed(Exception):
    """An answer that is an error."""

    def __init__(self, error):
        super().__init__(error["message"])
        self.code = error["code"]


class Client:
    def __init__(self, program, *options, cwd=None):
        # A server under AddressSanitizer keeps what it has freed, which would look like a leak.
        environment = {**os.environ, "ASAN_OPTIONS": "quarantine_size_mb=0:thread_local_quarantine_size_kb=0"}
        self.process = subprocess.Popen(
            [program, "lsp", *options], stdin=subprocess.PIPE, stdout=subprocess.PIPE, cwd=cwd, env=environment
        )
        self.inbox = queue.Queue()
        self.ids = 0
        self.notifications = []
        self.requests = []
        self.answers = {}
        self.settings = {}
        self.version = 0
        self.reader = threading.Thread(target=self._read, daemon=True)
        self.reader.start()

    def _read(self):
        out = self.process.stdout
        while True:
            length = None
            while (line := out.readline()) not in (b"\r\n", b""):
                name, value = line.decode("ascii").split(":")
                if name == "Content-Length":
                    length = int(value)
            if length is None:
                self.inbox.put(None)
                return
            self.inbox.put(json.loads(out.read(length)))

    def send_bytes(self, data):
        self.process.stdin.write(data)
        self.process.stdin.flush()

    def send(self, message):
        body = json.dumps({"jsonrpc": "2.0", **message}).encode()
        self.send_bytes(b"Content-Length: %d\r\n\r\n" % len(body) + body)

    def notify(self, method, params=None):
        self.send({"method": method, "params": params} if params is not None else {"method": method})

    def begin(self, method, params=None):
        """Sends a request without waiting; gives its id."""
        self.ids += 1
        self.send({"id": self.ids, "method": method, "params": params})
        return self.ids

    def receive(self):
        """The next message, sorted into its box; None when the server has closed its output."""
        message = self.inbox.get(timeout=PATIENCE)
        if message is None:
            return None
        if "method" not in message:
            self.answers[message["id"]] = message
        elif "id" in message:
            self.requests.append(message)
            self.answer(message)
        else:
            self.notifications.append(message)
        return message

    def answer(self, request):
        result = None
        if request["method"] == "workspace/configuration":
            result = [self.settings.get(item["section"]) for item in request["params"]["items"]]
        if request["method"] == "workspace/applyEdit":
            result = {"applied": True}
        self.send({"id": request["id"], "result": result})

    def wait(self, ident):
        while ident not in self.answers:
            if self.receive() is None:
                raise EOFError("the server has gone")
        message = self.answers.pop(ident)
        if "error" in message:
            raise Failed(message["error"])
        return message["result"]

    def request(self, method, params=None):
        return self.wait(self.begin(method, params))

    def wait_notification(self, method, fits=lambda params: True):
        while True:
            for i, message in enumerate(self.notifications):
                if message["method"] == method and fits(message["params"]):
                    return self.notifications.pop(i)["params"]
            if self.receive() is None:
                raise EOFError("the server has gone")

    def wait_request(self, method):
        while True:
            for i, message in enumerate(self.requests):
                if message["method"] == method:
                    return self.requests.pop(i).get("params")
            if self.receive() is None:
                raise EOFError("the server has gone")

    # What a session consists of.

    def initialize(self, capabilities=FULL, **params):
        result = self.request("initialize", {"processId": os.getpid(), "rootUri": None, "capabilities": capabilities, **params})
        self.notify("initialized", {})
        return result

    def open(self, uri, text):
        self.version = 1
        item = {"uri": uri, "languageId": "dockerfile", "version": 1, "text": text}
        self.notify("textDocument/didOpen", {"textDocument": item})

    def change(self, uri, *changes):
        self.version += 1
        self.notify("textDocument/didChange", {"textDocument": {"uri": uri, "version": self.version}, "contentChanges": list(changes)})

    def text(self, uri):
        return self.request("unroot/viewText", {"textDocument": {"uri": uri}})["text"]

    def close(self):
        """The polite end; gives the exit code."""
        self.request("shutdown")
        self.notify("exit")
        return self.process.wait(PATIENCE)

    def stop(self):
        """The end, whatever has happened."""
        self.process.kill()
        self.process.wait()
        self.reader.join()
        self.process.stdout.close()
        try:
            self.process.stdin.close()
        except BrokenPipeError:
            pass


def position(line, character):
    return {"line": line, "character": character}


def span(start_line, start, end_line, end):
    return {"start": position(start_line, start), "end": position(end_line, end)}


def offset(text, place):
    """Where a UTF-16 position is in a Python string."""
    lines = text.splitlines(keepends=True)
    before = "".join(lines[: place["line"]])
    units, at = 0, len(before)
    while units < place["character"]:
        units += 2 if ord(text[at]) > 0xFFFF else 1
        at += 1
    return at


def apply(text, edits):
    """The text with TextEdits applied, as an editor does."""
    places = sorted(((offset(text, e["range"]["start"]), offset(text, e["range"]["end"]), e["newText"]) for e in edits), reverse=True)
    for start, end, new in places:
        text = text[:start] + new + text[end:]
    return text
