"""Works without its cache, and complains about it."""
import http.server
import os
import sys

try:
    with open(os.path.join(os.environ["CACHE_DIR"], "index"), "w") as index:
        index.write("x")
except OSError as error:
    print(error, file=sys.stderr, flush=True)


class Handler(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(200)
        self.end_headers()
        self.wfile.write(b"fine")


http.server.HTTPServer(("", 8000), Handler).serve_forever()
