"""Shows its own length."""
import http.server


class Handler(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        with open("server.py", "rb") as source:
            body = str(len(source.read())).encode()
        self.send_response(200)
        self.end_headers()
        self.wfile.write(body)


http.server.HTTPServer(("", 8000), Handler).serve_forever()
