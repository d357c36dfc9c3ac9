"""Keeps notes in a file beside itself."""


def app(environ, start_response):
    if environ["REQUEST_METHOD"] == "POST":
        with open("notes.txt", "ab") as notes:
            notes.write(environ["wsgi.input"].read() + b"\n")
    start_response("200 OK", [("Content-Type", "text/plain")])
    try:
        with open("notes.txt", "rb") as notes:
            return [notes.read()]
    except FileNotFoundError:
        return [b"no notes\n"]
