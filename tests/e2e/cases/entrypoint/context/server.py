"""Shows its settings."""
import http.server

with open("/app/settings", "rb") as settings:
    text = settings.read()


class Handler(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(200)
        self.end_headers()
        self.wfile.write(text)


http.server.HTTPServer(("", 8000), Handler).serve_forever()
