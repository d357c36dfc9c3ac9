#!/usr/bin/env python3
"""The language server's connection and texts: test_protocol.py UNROOT [unittest's arguments]"""
import json
import os
import subprocess
import unittest

from client import Failed, FULL, PATIENCE, position, span
from session import PROGRAM, SAFE, INTERFACE, CLEAN, UNTITLED, PUSHED, PLAIN, Session


class Lifecycle(Session):
    def test_says_what_it_can_do(self):
        result = self.begin()
        can = result["capabilities"]
        self.assertEqual(result["serverInfo"]["name"], "unroot")
        self.assertEqual(can["textDocumentSync"], {"openClose": True, "change": 2, "save": {"includeText": False}})
        self.assertEqual(can["positionEncoding"], "utf-16")
        self.assertEqual(can["codeActionProvider"]["codeActionKinds"], ["quickfix", "source.fixAll.unroot"])
        self.assertTrue(can["hoverProvider"])
        self.assertIn("diagnosticProvider", can)
        self.assertNotIn("documentFormattingProvider", can)
        self.assertNotIn("documentRangeFormattingProvider", can)
        self.assertEqual(self.client.close(), 0)

    def test_a_client_that_says_nothing_of_itself(self):
        can = self.begin(PLAIN)["capabilities"]
        self.assertEqual(can["positionEncoding"], "utf-16")
        self.assertTrue(can["documentFormattingProvider"])
        self.assertNotIn("diagnosticProvider", can)
        self.client.open(UNTITLED, SAFE)
        found = self.client.wait_notification("textDocument/publishDiagnostics")["diagnostics"]
        self.assertTrue(found)
        self.assertTrue(all(set(d) == {"range", "severity", "code", "source", "message"} for d in found))
        self.assertEqual(self.client.requests, [])

    def test_before_initialize(self):
        self.assert_fails(-32002, "textDocument/hover")
        self.assert_fails(-32002, "shutdown")
        self.client.open(UNTITLED, SAFE)
        self.begin()
        self.assert_fails(-32602, "unroot/viewText", {"textDocument": {"uri": UNTITLED}})

    def test_shutdown_without_exit(self):
        self.begin()
        self.client.open(UNTITLED, SAFE)
        asked = self.client.begin("textDocument/hover", {"textDocument": {"uri": UNTITLED}, "position": position(0, 0)})
        self.client.request("shutdown")
        self.assertIn("node:20", self.client.wait(asked)["contents"]["value"])
        self.client.process.stdin.close()
        self.assertEqual(self.client.process.wait(PATIENCE), 0)

    def test_initialize_comes_once(self):
        self.begin()
        self.assert_fails(-32600, "initialize", {"capabilities": {}})

    def test_after_shutdown(self):
        self.begin()
        self.client.request("shutdown")
        self.assert_fails(-32600, "textDocument/hover", {})
        self.assert_fails(-32600, "initialize", {"capabilities": {}})
        self.client.notify("exit")
        self.assertEqual(self.client.process.wait(PATIENCE), 0)

    def test_exit_without_shutdown(self):
        self.begin()
        self.client.notify("exit")
        self.assertEqual(self.client.process.wait(PATIENCE), 1)

    def test_exit_before_initialize(self):
        self.client.notify("exit")
        self.assertEqual(self.client.process.wait(PATIENCE), 1)

    def test_a_client_that_dies(self):
        self.begin()
        self.client.open(UNTITLED, SAFE)
        self.client.send_bytes(b"Content-Length: 100\r\n\r\n{")
        self.client.process.stdin.close()
        self.assertEqual(self.client.process.wait(PATIENCE), 1)

    def test_a_client_that_no_longer_reads(self):
        process = subprocess.Popen([PROGRAM, "lsp"], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        process.stdout.close()
        process.stdin.write(b'Content-Length: 33\r\n\r\n{"id":1,"method":"initialize"}   ')
        process.stdin.flush()
        self.assertEqual(process.wait(PATIENCE), 1)
        process.stdin.close()

    def test_unknown_methods(self):
        self.begin()
        self.assert_fails(-32601, "textDocument/completion", {})
        self.assert_fails(-32601, "$/unknown", {})
        self.assert_fails(-32601, "textDocument/didOpen", {})
        self.client.notify("$/unknown", {})
        self.client.notify("textDocument/hover", {})
        self.assertEqual(self.client.close(), 0)


class Broken(Session):
    """What no client should send."""

    def error(self):
        while (message := self.client.receive()) and message.get("id", 0) is not None:
            pass
        return message["error"]["code"]

    def test_garbage_and_half_frames(self):
        self.begin()
        for data, code in [
            (b"Content-Length: 5\r\n\r\nhello", -32700),
            (b"Content-Length: 0\r\n\r\n", -32700),
            (b'Content-Length: 9\r\n\r\n{"id":1}\xff', -32700),
            (b"Content-Length: 2\r\n\r\n[]", -32600),
            (b"Content-Length: 2\r\n\r\n{}", -32600),
            (b'Content-Length: 22\r\n\r\n{"id":[],"method":[]}  ', -32600),
        ]:
            self.client.send_bytes(data)
            self.assertEqual(self.error(), code, data)
        self.client.send_bytes(b"\x00\x01garbage\r\n\r\n\r\nContent-Length: x\r\n\r\n")
        self.client.send_bytes(b"Content-Length: 44\r\n\r\n")
        self.client.send_bytes(b'{"jsonrpc":"2.0","id":7,')
        self.client.send_bytes(b'"method":"shutdown"}')
        self.assertIsNone(self.client.wait(7))

    def test_a_message_that_is_too_large(self):
        self.begin()
        self.client.send_bytes(b"Content-Length: 300000000\r\n\r\n")
        for _ in range(300):
            self.client.send_bytes(b" " * 1000000)
        self.assertEqual(self.error(), -32600)
        self.assertEqual(self.client.close(), 0)

    def test_deep_nesting(self):
        self.begin()
        body = b'{"a":' * 100000
        self.client.send_bytes(b"Content-Length: %d\r\n\r\n" % len(body) + body)
        self.assertEqual(self.error(), -32700)
        self.assertEqual(self.client.close(), 0)

    def test_wrong_types(self):
        uri = self.put("Dockerfile", SAFE)
        self.begin()
        self.client.open(uri, SAFE)
        wrong = [None, True, 7, -1, 1.5, "x", [], {}, [[]], {"textDocument": 1}, {"textDocument": {"uri": 5}}]
        wrong += [{"textDocument": {"uri": uri}, key: value} for value in wrong[:9] for key in ("range", "position", "contentChanges")]
        wrong.append({"textDocument": {"uri": uri}, "range": {"start": {"line": -1, "character": 0}, "end": position(0, 0)}})
        for method in ("hover", "codeAction", "formatting", "diagnostic", "didOpen", "didChange", "didClose", "didSave"):
            for params in wrong:
                if method == "didClose" and params == {"textDocument": {"uri": uri}}:
                    continue
                if method.startswith("did"):
                    self.client.notify("textDocument/" + method, params)
                    continue
                try:
                    self.client.request("textDocument/" + method, params)
                except Failed as failed:
                    self.assertEqual(failed.code, -32602)
        for params in wrong + [{"command": 1}, {"command": "x"}, {"command": "unroot.server.previewFixes"}]:
            self.assert_fails(-32602, "workspace/executeCommand", params)
        for method in ("didChangeConfiguration", "didChangeWatchedFiles"):
            for params in wrong:
                self.client.notify("workspace/" + method, params)
        self.client.notify("$/cancelRequest", {"id": {}})
        self.client.send({"id": 12345, "result": {}})
        self.client.open(uri, SAFE)
        self.assertEqual(self.client.text(uri), SAFE)

    def test_a_change_that_cannot_be_made_changes_nothing(self):
        self.begin()
        self.client.open(UNTITLED, "a\nb\n")
        self.client.change(UNTITLED, {"range": span(0, 0, 0, 1), "text": "x"}, {"range": {"start": 1}, "text": "y"})
        self.client.wait_notification("window/logMessage")
        self.assertEqual(self.client.text(UNTITLED), "a\nb\n")

    def test_initialize_of_wrong_types(self):
        for params in [None, [], {"capabilities": 1}, {"capabilities": {"textDocument": [], "general": {"positionEncodings": 1}}}]:
            client = self.start()
            self.assertEqual(client.request("initialize", params)["capabilities"]["positionEncoding"], "utf-16")
            self.assertEqual(client.close(), 0)


class Sync(Session):
    def test_changes_one_after_the_other(self):
        self.begin()
        self.client.open(UNTITLED, "a\r\nbé🐳c\rd")
        self.client.change(
            UNTITLED,
            {"range": span(1, 2, 1, 4), "text": "x"},
            {"range": span(0, 1, 1, 0), "text": " "},
            {"range": span(9, 0, 9, 0), "text": "\n", "rangeLength": 0},
        )
        self.assertEqual(self.client.text(UNTITLED), "a béxc\rd\n")
        self.client.change(UNTITLED, {"text": "new"}, {"range": span(0, 3, 0, 3), "text": "er"})
        self.assertEqual(self.client.text(UNTITLED), "newer")

    def test_ranges_past_the_end(self):
        self.begin()
        for where, text in (
            (span(99, 0, 100, 5), "ab\ncdX"),
            (span(0, 99, 0, 200), "abX\ncd"),
            (span(0, 1, 99, 99), "aX"),
            (span(1, 1, 0, 1), "aXd"),
            (span(2**31, 2**31, 2**53, 2**53), "ab\ncdX"),
            (span(-1, 0, 0, 0), "ab\ncd"),
            (span(1e300, 0, 1e300, 0), "ab\ncd"),
        ):
            self.client.open(UNTITLED, "ab\ncd")
            self.client.change(UNTITLED, {"range": where, "text": "X"})
            self.assertEqual(self.client.text(UNTITLED), text)

    def test_utf_8_columns(self):
        offered = {**FULL, "general": {"positionEncodings": ["utf-32", "utf-8", "utf-16"]}}
        self.assertEqual(self.begin(offered)["capabilities"]["positionEncoding"], "utf-8")
        self.client.open(UNTITLED, "é🐳x")
        self.client.change(UNTITLED, {"range": span(0, 6, 0, 7), "text": "y"})
        self.assertEqual(self.client.text(UNTITLED), "é🐳y")
        text = SAFE.replace("server", "🐳é")
        self.client.open(UNTITLED, text)
        self.assertIn(span(3, 0, 3, len('CMD ["node", "🐳é.js"]'.encode())), [d["range"] for d in self.diagnostics(UNTITLED)])

    def test_what_json_can_say_and_utf_8_cannot(self):
        self.begin()
        self.client.open(UNTITLED, "a\ud83db\x00c")
        self.assertEqual(self.client.text(UNTITLED), "a\ufffdb\x00c")
        self.client.change(UNTITLED, {"range": span(0, 2, 0, 3), "text": "🐳"})
        self.assertEqual(self.client.text(UNTITLED), "a\ufffd🐳\x00c")

    def test_reopened_and_closed(self):
        self.begin()
        self.client.open(UNTITLED, "one")
        self.client.open(UNTITLED, "two")
        self.assertEqual(self.client.text(UNTITLED), "two")
        self.client.notify("textDocument/didClose", {"textDocument": {"uri": UNTITLED}})
        self.assert_fails(-32602, "unroot/viewText", {"textDocument": {"uri": UNTITLED}})

    def test_several_documents(self):
        self.begin()
        uris = [f"untitled:{i}" for i in range(20)]
        for uri in uris:
            self.client.open(uri, uri)
        for uri in uris[::3]:
            self.client.notify("textDocument/didClose", {"textDocument": {"uri": uri}})
        for uri in set(uris) - set(uris[::3]):
            self.assertEqual(self.client.text(uri), uri)


class Concurrency(Session):
    def frame(self, **message):
        body = json.dumps({"jsonrpc": "2.0", **message}).encode()
        return b"Content-Length: %d\r\n\r\n" % len(body) + body

    def test_cancelled(self):
        self.begin()
        self.client.open(UNTITLED, SAFE)
        params = {"textDocument": {"uri": UNTITLED}, "position": position(0, 0)}
        ask = lambda ident: self.frame(id=ident, method="textDocument/hover", params=params)
        forget = lambda ident: self.frame(method="$/cancelRequest", params={"id": ident})
        # All in one piece, so that none is begun before it is cancelled.
        self.client.send_bytes(ask("a") + ask("b") + ask(1000) + forget("b") + forget(1000) + forget("c"))
        with self.assertRaises(Failed) as caught:
            self.client.wait("b")
        self.assertEqual(caught.exception.code, -32800)
        self.assertRaises(Failed, self.client.wait, 1000)
        self.assertIn("node:20", self.client.wait("a")["contents"]["value"])

    def test_outdated(self):
        self.begin()
        self.client.open(UNTITLED, SAFE)
        document = {"uri": UNTITLED, "version": 2}
        self.client.send_bytes(
            self.frame(id="f", method="textDocument/formatting", params={"textDocument": document, "options": {}})
            + self.frame(id="d", method="textDocument/diagnostic", params={"textDocument": document})
            + self.frame(method="textDocument/didChange", params={"textDocument": document, "contentChanges": [{"text": CLEAN}]})
        )
        with self.assertRaises(Failed) as caught:
            self.client.wait("f")
        self.assertEqual(caught.exception.code, -32801)
        self.assertTrue(self.client.wait("d")["items"])
        self.assertEqual(self.format(UNTITLED), [])

    def test_closed_meanwhile(self):
        self.begin()
        self.client.open(UNTITLED, SAFE)
        document = {"textDocument": {"uri": UNTITLED}}
        where = {"position": position(0, 0), "range": span(0, 0, 9, 0), "context": {"diagnostics": []}, "options": {}}
        methods = [f"textDocument/{name}" for name in ("formatting", "codeAction", "hover", "diagnostic")]
        command = {"command": "unroot.server.applySafeFixes", "arguments": [UNTITLED]}
        self.client.send_bytes(
            b"".join(self.frame(id=method, method=method, params={**document, **where}) for method in methods)
            + self.frame(id="command", method="workspace/executeCommand", params=command)
            + self.frame(method="textDocument/didClose", params=document)
        )
        self.assertTrue(self.client.wait(methods.pop())["items"])
        for ident in [*methods, "command"]:
            with self.assertRaises(Failed) as caught:
                self.client.wait(ident)
            self.assertEqual(caught.exception.code, -32801)
        self.assertNotIn("workspace/applyEdit", [request["method"] for request in self.client.requests])

    def test_many_at_once(self):
        self.begin()
        self.client.open(UNTITLED, INTERFACE)
        where = {"textDocument": {"uri": UNTITLED}, "position": position(0, 0)}
        idents = [self.client.begin("textDocument/hover", where) for _ in range(500)]
        self.assertEqual(len({json.dumps(self.client.wait(i)) for i in idents}), 1)


class Memory(Session):
    def size(self):
        with open(f"/proc/{self.client.process.pid}/statm", encoding="ascii") as file:
            return int(file.read().split()[1]) * os.sysconf("SC_PAGE_SIZE")

    def change(self, uri, times):
        for i in range(times):
            self.client.change(uri, {"range": span(3, 0, 3, 0), "text": "RUN true\n"})
            self.client.change(uri, {"range": span(3, 0, 4, 0), "text": ""})
            if i % 50 == 0:
                self.diagnostics(uri)
                self.actions(uri)
                self.format(uri)
                self.ask("textDocument/hover", uri, position=position(0, 0))
        self.client.text(uri)

    def test_flat_over_ten_thousand_changes(self):
        uri = self.put("Dockerfile", INTERFACE)
        self.begin()
        self.client.open(uri, INTERFACE)
        self.change(uri, 500)
        before = self.size()
        self.change(uri, 5000)
        self.assertLess(self.size() - before, 1024 * 1024)

    def test_flat_when_they_are_pushed(self):
        uri = self.put("Dockerfile", INTERFACE)
        self.begin(PUSHED)
        self.client.open(uri, INTERFACE)
        self.change_and_save(uri, 100)
        before = self.size()
        self.change_and_save(uri, 500)
        self.assertLess(self.size() - before, 1024 * 1024)

    def change_and_save(self, uri, times):
        for i in range(times):
            self.client.change(uri, {"text": INTERFACE + "RUN true\n" * (i % 7)})
            version = self.client.version
            self.client.wait_notification("textDocument/publishDiagnostics", lambda params: params["version"] == version)
            self.client.notify("textDocument/didSave", {"textDocument": {"uri": uri}})
            self.client.wait_notification("textDocument/publishDiagnostics")
            self.client.notifications.clear()


if __name__ == "__main__":
    unittest.main()
