"""What all sessions of the tests have: a folder, a client, and Dockerfiles whose findings are known."""
import copy
import os
import shutil
import sys
import tempfile
import unittest
from urllib.parse import quote

from client import Client, Failed, FULL, span

PROGRAM = sys.argv.pop(1)

SAFE = 'FROM node:20\nWORKDIR /app\nCOPY . .\nCMD ["node", "server.js"]\n'
SAFE_FIXED = (
    "FROM node:20\nWORKDIR /app\nRUN chown node:node /app\nCOPY --chown=node:node . .\nUSER node\n" 'CMD ["node", "server.js"]\n'
)
INTERFACE = (
    "FROM python:3.12-slim\nWORKDIR /app\nCOPY . .\nEXPOSE 80\n" 'CMD ["gunicorn", "--bind", "0.0.0.0:80", "app:app"]\n'
)
UNSAFE = 'FROM debian:12\nCOPY a /a\nCMD ["/a"]\n'
DISPLAY = "FROM postgres:16\n"
CLEAN = 'FROM node:20\nUSER node\nCMD ["node", "-v"]\n'
REFUSED = "FROM node:20\nRUN é\nCOPY one\n"
UNTITLED = "untitled:Dockerfile"

PUSHED = copy.deepcopy(FULL)
del PUSHED["textDocument"]["diagnostic"]
PLAIN = {}


def without(capabilities, *path):
    changed = copy.deepcopy(capabilities)
    at = changed
    for key in path[:-1]:
        at = at[key]
    del at[path[-1]]
    return changed


class Session(unittest.TestCase):
    capabilities = FULL
    options = ()

    def setUp(self):
        self.folder = os.path.realpath(tempfile.mkdtemp())
        self.addCleanup(shutil.rmtree, self.folder)
        os.mkdir(os.path.join(self.folder, ".git"))
        self.client = self.start(*self.options)

    def start(self, *options):
        client = Client(PROGRAM, *options, cwd=self.folder)
        self.addCleanup(client.stop)
        return client

    def put(self, name, text):
        with open(os.path.join(self.folder, name), "wb") as file:
            file.write(text.encode())
        return self.uri(name)

    def uri(self, name):
        return "file://" + quote(os.path.join(self.folder, name))

    def begin(self, capabilities=None, **params):
        return self.client.initialize(self.capabilities if capabilities is None else capabilities, **params)

    def ask(self, method, uri, **params):
        return self.client.request(method, {"textDocument": {"uri": uri}, **params})

    def diagnostics(self, uri):
        return self.ask("textDocument/diagnostic", uri)["items"]

    def codes(self, uri):
        return sorted({d.get("code", d["message"]) for d in self.diagnostics(uri)})

    def format(self, uri):
        return self.ask("textDocument/formatting", uri, options={"tabSize": 4, "insertSpaces": True})

    def actions(self, uri, where=span(0, 0, 99, 0), only=None):
        context = {"diagnostics": []}
        if only is not None:
            context["only"] = only
        return self.ask("textDocument/codeAction", uri, range=where, context=context)

    def run_command(self, name, *arguments):
        return self.client.request("workspace/executeCommand", {"command": name, "arguments": list(arguments)})

    def assert_fails(self, code, method, params=None):
        with self.assertRaises(Failed) as caught:
            self.client.request(method, params)
        self.assertEqual(caught.exception.code, code)
