"""Counts its visitors in $DATA_DIR."""
import http.server
import os

path = os.path.join(os.environ["DATA_DIR"], "visitors")
with open(path, "w") as visitors:
    visitors.write("")


class Handler(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        with open(path, "a") as visitors:
            visitors.write("x")
        self.send_response(200)
        self.end_headers()
        self.wfile.write(str(os.path.getsize(path)).encode())


http.server.HTTPServer(("", 8000), Handler).serve_forever()
