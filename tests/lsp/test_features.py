#!/usr/bin/env python3
"""What the language server says of a Dockerfile and does to it: test_features.py UNROOT [unittest's arguments]"""
import copy
import json
import os
import shutil
import tempfile
import unittest

from client import FULL, apply, position, span
from session import PROGRAM, SAFE, SAFE_FIXED, INTERFACE, UNSAFE, DISPLAY, CLEAN, REFUSED, UNTITLED, PUSHED, PLAIN, without, Session


class Diagnostics(Session):
    def test_pulled(self):
        uri = self.put("Dockerfile", SAFE)
        self.begin()
        self.client.open(uri, SAFE)
        report = self.ask("textDocument/diagnostic", uri)
        self.assertEqual(report["kind"], "full")
        found = {d["code"]: d for d in report["items"]}
        self.assertEqual(sorted(found), ["copy-without-chown", "run-as-root", "unwritable-path"])
        lead = found["run-as-root"]
        self.assertEqual(lead["range"], span(3, 0, 3, 25))
        self.assertEqual(lead["severity"], 2)
        self.assertEqual(lead["source"], "unroot")
        self.assertTrue(lead["codeDescription"]["href"].endswith("/golden/run-as-root/README.md"))
        self.assertEqual(len(lead["relatedInformation"]), 2)
        related = found["copy-without-chown"]["relatedInformation"]
        self.assertEqual([r["location"] for r in related], [{"uri": uri, "range": lead["range"]}])
        again = self.ask("textDocument/diagnostic", uri, previousResultId=report["resultId"])
        self.assertEqual(again, {"kind": "unchanged", "resultId": report["resultId"]})
        self.client.change(uri, {"range": span(3, 0, 3, 0), "text": "USER node\n"})
        after = self.ask("textDocument/diagnostic", uri, previousResultId=report["resultId"])
        self.assertEqual(after["kind"], "full")
        self.assertNotIn("run-as-root", [d["code"] for d in after["items"]])
        self.assertFalse([n for n in self.client.notifications if n["method"] == "textDocument/publishDiagnostics"])

    def test_pushed_to_a_client_that_cannot_pull(self):
        uri = self.put("Dockerfile", SAFE)
        self.begin(PUSHED)

        def of(version):
            fits = lambda params: params.get("version") == version
            return [d["code"] for d in self.client.wait_notification("textDocument/publishDiagnostics", fits)["diagnostics"]]

        self.client.open(uri, SAFE)
        self.assertIn("run-as-root", of(1))
        self.client.change(uri, {"text": CLEAN})
        self.assertEqual(of(2), [])
        self.client.change(uri, {"text": SAFE})
        self.client.change(uri, {"text": DISPLAY})
        self.assertEqual(of(3 + 1), ["starts-as-root"])
        self.client.notify("textDocument/didClose", {"textDocument": {"uri": uri}})
        self.assertEqual(of(None), [])

    def test_classes_and_their_severity(self):
        self.begin()
        for text, code, severity in [(INTERFACE, "privileged-port", 2), (UNSAFE, "run-as-root", 2), (DISPLAY, "starts-as-root", 3)]:
            self.client.open(UNTITLED, text)
            found = {d["code"]: d for d in self.diagnostics(UNTITLED)}
            self.assertEqual(found[code]["severity"], severity)
        self.client.open(UNTITLED, CLEAN)
        self.assertEqual(self.diagnostics(UNTITLED), [])

    def test_a_file_that_buildkit_refuses(self):
        self.begin()
        self.client.open(UNTITLED, REFUSED)
        (only,) = self.diagnostics(UNTITLED)
        self.assertEqual(only["severity"], 1)
        self.assertEqual(only["range"], span(2, 0, 2, 8))
        self.client.open(UNTITLED, "")
        self.assertEqual(len(self.diagnostics(UNTITLED)), 1)

    def test_a_folder_that_does_not_exist_yet(self):
        uri = self.uri("not/yet/there/Dockerfile")
        self.begin()
        self.client.open(uri, SAFE)
        self.assertIn("run-as-root", self.codes(uri))

    def test_files_beside_it_are_read(self):
        text = 'FROM debian:12\nCOPY start.sh /start.sh\nCMD ["/start.sh"]\n'
        uri = self.put("Dockerfile", text)
        self.begin()
        self.client.open(uri, text)
        self.assertIn("could not be read", json.dumps(self.diagnostics(uri)))
        self.put("start.sh", "#!/bin/sh\nexec sleep 1\n")
        self.assertNotIn("could not be read", json.dumps(self.diagnostics(uri)))


class Formatting(Session):
    def test_minimal_edits(self):
        self.begin()
        self.client.open(UNTITLED, SAFE)
        edits = self.format(UNTITLED)
        self.assertEqual(apply(SAFE, edits), SAFE_FIXED)
        self.assertTrue(all(e["range"]["start"] == e["range"]["end"] for e in edits))
        self.client.open(UNTITLED, SAFE_FIXED)
        self.assertEqual(self.format(UNTITLED), [])

    def test_kinds_of_text(self):
        self.begin()
        crlf = SAFE.replace("\n", "\r\n")
        whale = "# 🐳 é\r\n" + crlf.replace("COPY", "LABEL a='🐳' b=é\r\nCOPY")
        for text in (crlf, "\ufeff" + SAFE, "\ufeff" + crlf, whale, SAFE[:-1], SAFE.replace('"node", ', '"node", \\\n\n')):
            self.client.open(UNTITLED, text)
            fixed = apply(text, self.format(UNTITLED))
            self.assertIn("USER node", fixed)
            self.assertEqual(fixed.count("\r"), fixed.count("\n") if "\r" in text else 0)
            self.client.open(UNTITLED, fixed)
            self.assertEqual(self.format(UNTITLED), [])

    def test_safe_fixes_alone(self):
        self.begin()
        for text in (INTERFACE, UNSAFE, DISPLAY):
            self.client.open(UNTITLED, text)
            self.assertEqual(self.format(UNTITLED), [])

    def test_configuration_does_not_make_it_bolder(self):
        self.put(".unroot.yaml", "unsafe-fixes: true\n")
        uri = self.put("Dockerfile", UNSAFE)
        self.begin()
        self.client.open(uri, UNSAFE)
        self.assertEqual(self.format(uri), [])

    def test_null_for_a_file_that_buildkit_refuses(self):
        self.begin()
        self.client.open(UNTITLED, REFUSED)
        self.assertIsNone(self.format(UNTITLED))

    def test_registered_as_long_as_it_is_wanted(self):
        self.begin()
        while (said := self.client.wait_request("client/registerCapability"))["registrations"][0]["method"] != "textDocument/formatting":
            pass
        self.client.settings["unroot"] = {"formatting": False}
        self.client.notify("workspace/didChangeConfiguration", {"settings": None})
        gone = self.client.wait_request("client/unregisterCapability")["unregisterations"][0]
        self.assertEqual((gone["id"], gone["method"]), (said["registrations"][0]["id"], "textDocument/formatting"))
        self.client.open(UNTITLED, SAFE)
        self.assertIsNone(self.format(UNTITLED))
        self.client.settings["unroot"] = {"formatting": True}
        self.client.notify("workspace/didChangeConfiguration", {"settings": None})
        self.assertEqual(self.client.wait_request("client/registerCapability")["registrations"][0]["method"], "textDocument/formatting")
        self.assertTrue(self.format(UNTITLED))

    def test_not_offered_when_the_settings_are_given_with_initialize(self):
        can = self.begin(PLAIN, initializationOptions={"formatting": False})["capabilities"]
        self.assertNotIn("documentFormattingProvider", can)

    def test_settings_that_are_sent(self):
        self.begin(without(FULL, "workspace", "configuration"))
        self.client.wait_request("client/registerCapability")
        self.client.notify("workspace/didChangeConfiguration", {"settings": {"unroot": {"formatting": False}}})
        self.client.wait_request("client/unregisterCapability")


class Actions(Session):
    def edit_of(self, action, uri, text):
        (change,) = action["edit"]["documentChanges"]
        self.assertEqual(change["textDocument"]["uri"], uri)
        return apply(text, change["edits"])

    def test_a_safe_fix_is_preferred(self):
        self.begin()
        self.client.open(UNTITLED, SAFE)
        here = self.actions(UNTITLED, span(2, 3, 2, 3))
        self.assertEqual([a["title"] for a in here[:2]], ["Fix run-as-root and what belongs to it", "Ignore copy-without-chown here"])
        self.assertTrue(here[0]["isPreferred"])
        self.assertEqual([d["code"] for d in here[0]["diagnostics"]], ["copy-without-chown"])
        self.assertEqual(self.edit_of(here[0], UNTITLED, SAFE), SAFE_FIXED)
        self.assertEqual(here[0]["edit"]["documentChanges"][0]["textDocument"]["version"], 1)
        self.assertEqual(here[-1]["kind"], "source.fixAll.unroot")
        self.assertEqual(self.edit_of(here[-1], UNTITLED, SAFE), SAFE_FIXED)

    def test_one_fix_leaves_the_others(self):
        text = "FROM alpine:3.20\nRUN useradd -m x\nRUN useradd -m y\nUSER x\nCMD [\"sleep\", \"1\"]\n"
        self.begin()
        self.client.open(UNTITLED, text)
        fix = self.actions(UNTITLED, span(2, 0, 2, 0), ["quickfix"])[0]
        self.assertEqual(self.edit_of(fix, UNTITLED, text), text.replace("useradd -m y", "adduser -D y"))

    def test_what_is_not_safe_is_labelled(self):
        self.begin()
        for text, label in ((INTERFACE, "(interface: publish with -p 80:8080)"), (UNSAFE, "(unsafe: rests on a fact that is not known)")):
            self.client.open(UNTITLED, text)
            fixes = [a for a in self.actions(UNTITLED) if a["title"].startswith("Fix")]
            self.assertEqual(len(fixes), 1)
            self.assertIn(label, fixes[0]["title"])
            self.assertNotIn("isPreferred", fixes[0])
            self.assertIn("USER app", self.edit_of(fixes[0], UNTITLED, text))
            self.assertEqual(self.actions(UNTITLED, only=["source.fixAll.unroot"]), [])

    def test_display_only_can_be_ignored(self):
        self.begin()
        self.client.open(UNTITLED, DISPLAY)
        (ignore,) = self.actions(UNTITLED)
        ignored = self.edit_of(ignore, UNTITLED, DISPLAY)
        self.assertEqual(ignored, "# unroot ignore=starts-as-root\n" + DISPLAY)
        self.client.open(UNTITLED, ignored)
        self.assertEqual(self.diagnostics(UNTITLED), [])

    def test_every_finding_can_be_ignored(self):
        self.begin()
        for text in (SAFE, INTERFACE.replace("\n", "\r\n"), UNSAFE):
            self.client.open(UNTITLED, text)
            for _ in range(10):
                ignores = [a for a in self.actions(UNTITLED) if a["title"].startswith("Ignore")]
                if not ignores:
                    break
                text = self.edit_of(ignores[0], UNTITLED, text)
                self.client.open(UNTITLED, text)
            self.assertEqual(self.diagnostics(UNTITLED), [])

    def test_kinds_that_are_asked_for(self):
        self.begin()
        self.client.open(UNTITLED, SAFE)
        for only, kinds in [
            (["quickfix"], {"quickfix"}),
            (["source"], {"source.fixAll.unroot"}),
            (["source.fixAll"], {"source.fixAll.unroot"}),
            (["source.fixAll.unroot"], {"source.fixAll.unroot"}),
            (["source.fixAll.other"], set()),
            (["source.fix"], set()),
            (["refactor"], set()),
            ([], set()),
            (None, {"quickfix", "source.fixAll.unroot"}),
        ]:
            self.assertEqual({a["kind"] for a in self.actions(UNTITLED, only=only)}, kinds, only)

    def test_nowhere_near(self):
        self.begin()
        self.client.open(UNTITLED, SAFE)
        self.assertEqual(self.actions(UNTITLED, span(0, 0, 0, 4), ["quickfix"]), [])
        self.client.open(UNTITLED, REFUSED)
        self.assertEqual(self.actions(UNTITLED), [])

    def test_other_files_change_along(self):
        conf = "\ufeffserver {\r\n  listen 80; # 🐳 é\r\n}\r\n"
        docker = "FROM nginx:1.27\nCOPY default.conf /etc/nginx/conf.d/default.conf\n"
        other = self.put("default.conf", conf)
        uri = self.put("Dockerfile", docker)
        self.begin()
        self.client.open(uri, docker)
        fix = [a for a in self.actions(uri) if a["title"].startswith("Fix")][0]
        changes = {c["textDocument"]["uri"]: c for c in fix["edit"]["documentChanges"]}
        self.assertEqual(set(changes), {uri, other})
        self.assertIsNone(changes[other]["textDocument"]["version"])
        self.assertIn("USER nginx", apply(docker, changes[uri]["edits"]))
        fixed = apply(conf[1:], changes[other]["edits"])  # an editor shows it without its mark
        self.assertIn("  listen 8080; # 🐳 é\r\n", fixed)
        self.assertEqual(self.format(uri), [])

    def test_a_compose_file_follows(self):
        compose = "services:\n  web:\n    build: .\n    ports:\n      - 80:80\n"
        other = self.put("compose.yaml", compose)
        uri = self.put("Dockerfile", INTERFACE)
        self.begin()
        self.client.open(uri, INTERFACE)
        fix = [a for a in self.actions(uri) if a["title"].startswith("Fix")][0]
        changes = {c["textDocument"]["uri"]: c["edits"] for c in fix["edit"]["documentChanges"]}
        self.assertEqual(apply(compose, changes[other]), compose.replace("80:80", "80:8080"))

    def test_a_client_without_versions(self):
        self.begin(PLAIN)
        self.client.open(UNTITLED, SAFE)
        fix = self.actions(UNTITLED, only=["source.fixAll"])[0]
        self.assertEqual(apply(SAFE, fix["edit"]["changes"][UNTITLED]), SAFE_FIXED)


class OtherFiles(Session):
    """Files around a Dockerfile that the client has open, too, and has not saved."""

    compose = "services:\n  a:\n    build: a é\n    ports:\n      - 80:80\n  b:\n    build: b\n    ports:\n      - 81:80\n"

    def setUp(self):
        super().setUp()
        self.other = self.put("compose.yaml", self.compose)
        for name in ("a é", "b"):
            os.mkdir(os.path.join(self.folder, name))
        self.dockerfiles = [self.put(name + "/Dockerfile", SAFE) for name in ("a é", "b")]

    def open_all(self):
        for uri in self.dockerfiles:
            self.client.open(uri, INTERFACE)
        self.edited = "# é 🐳\n" + self.compose
        item = {"uri": self.other, "languageId": "yaml", "version": 7, "text": self.edited}
        self.client.notify("textDocument/didOpen", {"textDocument": item})

    def test_what_is_not_saved_counts(self):
        self.begin()
        self.other = self.other.replace("compose", "%63ompose")
        self.open_all()
        for uri, before, after in zip(self.dockerfiles, ("80:80", "81:80"), ("80:8080", "81:8080")):
            fix = [a for a in self.actions(uri) if a["title"].startswith("Fix")][0]
            own, other = fix["edit"]["documentChanges"]
            self.assertEqual(own["textDocument"], {"uri": uri, "version": 1})
            self.assertIn('"0.0.0.0:8080"', apply(INTERFACE, own["edits"]))
            self.assertEqual(other["textDocument"], {"uri": self.other, "version": 7})
            self.assertEqual(apply(self.edited, other["edits"]), self.edited.replace(before, after))
        self.assertEqual({f["uri"] for f in self.run_command("unroot.server.previewFixes", uri)}, {uri, self.other})

    def test_closed_the_disk_counts(self):
        self.begin()
        self.open_all()
        self.client.notify("textDocument/didClose", {"textDocument": {"uri": self.other}})
        other = self.actions(self.dockerfiles[0])[0]["edit"]["documentChanges"][1]
        self.assertIsNone(other["textDocument"]["version"])
        self.assertEqual(apply(self.compose, other["edits"]), self.compose.replace("80:80", "80:8080"))

    def test_they_are_no_dockerfiles(self):
        self.begin()
        self.open_all()
        self.assertEqual(self.diagnostics(self.other), [])
        self.assertEqual(self.actions(self.other), [])
        self.assertIsNone(self.format(self.other))
        self.assertIsNone(self.ask("textDocument/hover", self.other, position=position(1, 0)))

    def test_dockerfiles_are_pushed_anew(self):
        self.begin(PUSHED)
        self.open_all()
        self.client.change(self.other, {"text": self.compose.replace("build: b\n", "build: b\n    user: root\n")})
        says = lambda params: params["uri"] == self.dockerfiles[1] and "service b has to go" in json.dumps(params)
        self.client.wait_notification("textDocument/publishDiagnostics", says)
        self.assertNotIn(self.other, [message["params"]["uri"] for message in self.client.notifications])

    def test_asked_for(self):
        capabilities = copy.deepcopy(FULL)
        capabilities["textDocument"]["synchronization"] = {"dynamicRegistration": True}
        self.begin(capabilities)
        while (said := self.client.wait_request("client/registerCapability")["registrations"][0])["method"] != "textDocument/didChange":
            pass
        self.assertEqual(said["registerOptions"], {"documentSelector": [{"pattern": "**/*.{yaml,yml,conf}"}], "syncKind": 2})


class Hover(Session):
    def words(self, line, character=1, uri=UNTITLED):
        answer = self.ask("textDocument/hover", uri, position=position(line, character))
        return answer and answer["contents"]["value"]

    def test_the_evidence(self):
        text = INTERFACE.replace("WORKDIR", "RUN apt-get update\nWORKDIR")
        self.begin()
        self.client.open(UNTITLED, text)
        self.assertIn("family debian", self.words(0))
        self.assertIn("It runs as root", self.words(0))
        self.assertIn("needs\\_root, installs\\_packages, proves\\_root (apt-get)", self.words(1))
        self.assertIn("/app", self.words(2))
        self.assertIn("would get --chown=app:app", self.words(3))
        self.assertIn("Port 80/tcp is exposed", self.words(4))
        self.assertIn("It starts gunicorn", self.words(5))
        self.assertNotIn("apt-get", self.words(5))
        answer = self.ask("textDocument/hover", UNTITLED, position=position(4, 0))
        self.assertEqual(answer["range"], span(4, 0, 4, 9))
        self.assertEqual(answer["contents"]["kind"], "markdown")

    def test_nothing_to_say(self):
        self.begin()
        self.client.open(UNTITLED, "# a\n\n" + SAFE + "LABEL a=b\n")
        self.assertIsNone(self.words(0))
        self.assertIsNone(self.words(1))
        self.assertIsNone(self.words(6))
        self.client.open(UNTITLED, REFUSED)
        self.assertIsNone(self.words(0))

    def test_plain_text(self):
        self.begin(PLAIN)
        self.client.open(UNTITLED, "FROM alpine\nUSER nobody\nRUN mkdir /var/a_b\nUSER root\n")
        self.assertIn("From here on it is nobody", self.words(1))
        self.assertIn("\n/var/a_b is made", self.words(2))
        self.assertIn("It runs as root (USER, line 4)", self.words(3))

    def test_markup_in_names_is_none(self):
        self.begin()
        self.client.open(UNTITLED, "FROM alpine\nWORKDIR /a_*b*_`c`<b>[d](e)\n")
        self.assertIn("/a\\_\\*b\\*\\_\\`c\\`\\<b\\>\\[d\\](e)", self.words(1))


class Commands(Session):
    def test_safe_fixes_are_applied(self):
        self.begin()
        self.client.open(UNTITLED, SAFE)
        self.assertIsNone(self.run_command("unroot.server.applySafeFixes", UNTITLED))
        (change,) = self.client.wait_request("workspace/applyEdit")["edit"]["documentChanges"]
        self.assertEqual(apply(SAFE, change["edits"]), SAFE_FIXED)
        self.client.open(UNTITLED, SAFE_FIXED)
        self.assertIsNone(self.run_command("unroot.server.applySafeFixes", UNTITLED))
        self.assertEqual([r for r in self.client.requests if r["method"] == "workspace/applyEdit"], [])

    def test_a_client_that_applies_nothing(self):
        self.begin(PLAIN)
        self.client.open(UNTITLED, SAFE)
        self.assert_fails(-32803, "workspace/executeCommand", {"command": "unroot.server.applySafeFixes", "arguments": [UNTITLED]})

    def test_a_preview_is_what_fix_would_write(self):
        uri = self.put("Dockerfile", INTERFACE)
        self.begin()
        self.client.open(uri, INTERFACE)
        (file,) = self.run_command("unroot.server.previewFixes", uri)
        self.assertEqual(file["uri"], uri)
        os.system(f"'{PROGRAM}' fix -q '{self.folder}'")
        with open(os.path.join(self.folder, "Dockerfile"), encoding="utf-8") as written:
            self.assertEqual(file["text"], written.read())

    def test_words(self):
        self.begin()
        self.client.open(UNTITLED, SAFE)
        self.assertIn("# run-as-root", self.run_command("unroot.server.explainRule", "run-as-root"))
        self.assertIn("It starts node", self.run_command("unroot.server.describeFacts", UNTITLED))
        self.assert_fails(-32602, "workspace/executeCommand", {"command": "unroot.server.explainRule", "arguments": ["x"]})


class Configuration(Session):
    def test_the_nearest_file_counts(self):
        uri = self.put("Dockerfile", SAFE)
        self.put(".unroot.yaml", "ignore: [copy-without-chown]\n")
        self.begin()
        self.client.open(uri, SAFE)
        self.assertNotIn("copy-without-chown", self.codes(uri))
        self.assertIn("run-as-root", self.codes(uri))

    def test_spellings_of_a_uri(self):
        os.mkdir(os.path.join(self.folder, "hé#%41 ü"))
        plain = self.uri("hé#%41 ü/Dockerfile")
        path = plain[len("file://") :]
        self.put("hé#%41 ü/.unroot.yaml", "select: [run-as-root]\n")
        self.begin()
        for uri in (plain, plain.lower().replace(self.folder.lower(), self.folder), "file:" + path, "FILE://LocalHost" + path,
                    plain.replace("%C3%A9", "é").replace("%20", " "), "file:///" + path[1:].replace("/", "%2F")):
            self.client.open(uri, SAFE)
            self.assertEqual(self.codes(uri), ["run-as-root"], uri)

    def test_watched(self):
        uri = self.put("Dockerfile", SAFE)
        self.begin()
        while (said := self.client.wait_request("client/registerCapability")["registrations"][0])["method"] != "workspace/didChangeWatchedFiles":
            pass
        self.assertEqual(said["registerOptions"]["watchers"], [{"globPattern": "**/.unroot.yaml"}])
        self.client.open(uri, SAFE)
        self.assertIn("run-as-root", self.codes(uri))
        changed = self.put(".unroot.yaml", "select: [copy-without-chown]\n")
        self.client.notify("workspace/didChangeWatchedFiles", {"changes": [{"uri": changed, "type": 1}]})
        self.client.wait_request("workspace/diagnostic/refresh")
        self.assertNotIn("run-as-root", self.codes(uri))

    def test_saving_reads_it_again(self):
        uri = self.put("Dockerfile", SAFE)
        self.begin(PUSHED)
        self.client.open(uri, SAFE)
        self.assertTrue(self.client.wait_notification("textDocument/publishDiagnostics")["diagnostics"])
        self.put(".unroot.yaml", "exclude: [Dockerfile]\n")
        self.client.notify("textDocument/didSave", {"textDocument": {"uri": uri}})
        self.assertEqual(self.client.wait_notification("textDocument/publishDiagnostics")["diagnostics"], [])
        self.assertIsNone(self.format(uri))
        self.assertEqual(self.actions(uri), [])

    def test_a_mistake_in_it_is_shown(self):
        uri = self.put("Dockerfile", SAFE)
        self.put(".unroot.yaml", "selekt: [x]\n")
        self.begin()
        self.client.open(uri, SAFE)
        (only,) = self.diagnostics(uri)
        self.assertEqual((only["severity"], only["range"]), (1, span(0, 0, 0, 0)))
        self.assertRegex(only["message"], r"\.unroot\.yaml:1:1: .*select")
        self.assertIsNone(self.format(uri))
        self.assertEqual(self.actions(uri), [])
        self.put(".unroot.yaml", "")
        self.client.notify("workspace/didChangeWatchedFiles", {"changes": []})
        self.assertIn("run-as-root", self.codes(uri))

    def test_it_does_not_lead_out_of_its_repository(self):
        outside = tempfile.mkdtemp(dir=os.path.dirname(self.folder))
        self.addCleanup(shutil.rmtree, outside)
        for name, text in (("images.tsv", "secret text\n"), ("config.yaml", "secret: text\n")):
            with open(os.path.join(outside, name), "w") as file:
                file.write(text)
        inner = "inner/.unroot.yaml"
        os.makedirs(os.path.join(self.folder, "inner/own"))
        os.symlink(f"{outside}/images.tsv", os.path.join(self.folder, "inner/own/images.tsv"))
        uri = self.put("inner/Dockerfile", SAFE)
        self.begin()
        self.client.open(uri, SAFE)
        for text in (f"templates: {outside}\n", f"images: ../../{os.path.basename(outside)}/images.tsv\n", "templates: own\n", None):
            if text:
                self.put(inner, text)
            else:
                os.remove(os.path.join(self.folder, inner))
                os.symlink(f"{outside}/config.yaml", os.path.join(self.folder, inner))
            self.client.notify("workspace/didChangeWatchedFiles", {"changes": []})
            (only,) = self.diagnostics(uri)
            self.assertIn("leads out of the repository", only["message"], text)
            self.assertNotIn("secret", only["message"])
        os.remove(os.path.join(self.folder, inner))
        self.put(inner, "images: ../images.tsv\n")
        self.put("images.tsv", "")
        self.client.notify("workspace/didChangeWatchedFiles", {"changes": []})
        self.assertIn("run-as-root", self.codes(uri))
        os.rmdir(os.path.join(self.folder, ".git"))  # its own directory is all that there is then
        self.client.notify("workspace/didChangeWatchedFiles", {"changes": []})
        (only,) = self.diagnostics(uri)
        self.assertIn("leads out of the repository", only["message"])

    def test_the_command_line_counts(self):
        uri = self.put("Dockerfile", SAFE)
        self.put(".unroot.yaml", "user: web\n")
        self.client = self.start("--isolated", "--select", "copy-without-chown")
        self.begin()
        self.client.open(uri, SAFE)
        self.assertNotIn("run-as-root", self.codes(uri))


if __name__ == "__main__":
    unittest.main()
