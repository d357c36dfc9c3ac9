"""Says what the installed package says."""
import http.server
import subprocess


class Handler(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        body = subprocess.check_output(["greeter"])
        self.send_response(200)
        self.end_headers()
        self.wfile.write(body)


http.server.HTTPServer(("", 8000), Handler).serve_forever()
