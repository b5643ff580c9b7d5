"""Answers statements with ClickHouse's engine, embedded in this process: serve.py PORT DIRECTORY.

A statement is the body of a POST; the parameters of the URL are settings. The answer is in the format Native, as of the oldest client, or what went wrong.
Statements run one at a time.
"""

import sys
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qsl, urlsplit

from chdb import session

engine = session.Session(sys.argv[2] + "/clickhouse")
lock = threading.Lock()


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_GET(self):
        self.answer(200, b"Ok.\n")

    def do_POST(self):
        statement = self.rfile.read(int(self.headers.get("Content-Length", 0))).decode()
        try:
            with lock:
                for name, value in parse_qsl(urlsplit(self.path).query):
                    engine.query("SET %s = '%s'" % (name, value))
                result = engine.query(statement, "Native")
            self.answer(200, result if isinstance(result, bytes) else result.bytes())
        except Exception as e:
            self.answer(500, str(e).encode())

    def answer(self, status, body):
        self.send_response(status)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format, *args):
        pass


ThreadingHTTPServer(("127.0.0.1", int(sys.argv[1])), Handler).serve_forever()
