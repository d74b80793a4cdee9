"""A small HTTP/1.1 server with keep-alive, one thread per connection, loopback only."""

from __future__ import annotations

import http.server
import socketserver
from collections.abc import Callable

from .http import Request, Response

Handler = Callable[[Request], Response]


class Server(http.server.ThreadingHTTPServer):
    """Takes the port at once, so that a taken one is known before any work; answers when `handle` is set and it serves.

    Port 0 takes any free one; `server_port` tells which.
    """

    handle: Handler

    def __init__(self, port: int):
        super().__init__(("127.0.0.1", port), _Connection)

    daemon_threads = True
    request_queue_size = 256

    def server_bind(self) -> None:
        # The base class looks up a host name for the address, which can take seconds without a resolver.
        socketserver.TCPServer.server_bind(self)
        self.server_name, self.server_port = self.server_address[:2]

    def handle_error(self, request: object, client_address: object) -> None:
        pass  # a client that went away


class _Connection(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    wbufsize = 64 * 1024
    server: Server

    def _serve(self) -> None:
        path, _, query = self.path.partition("?")
        headers: dict[str, str] = {}
        for name, value in self.headers.items():
            lower = name.lower()
            headers[lower] = f"{headers[lower]},{value}" if lower in headers else value
        self._reply(self.server.handle(Request(self.command, path, query, headers, self._read_body())))

    def handle_expect_100(self) -> bool:
        # What is written is buffered: a client that asks before it sends would wait until it no longer believes in an answer.
        goes_on = super().handle_expect_100()
        self.wfile.flush()
        return goes_on

    do_GET = do_HEAD = do_POST = do_PUT = do_DELETE = do_PATCH = do_OPTIONS = _serve

    def _read_body(self) -> bytes:
        if "chunked" in self.headers.get("Transfer-Encoding", "").lower():
            return self._read_chunks()
        return self.rfile.read(int(self.headers.get("Content-Length") or 0))

    def _read_chunks(self) -> bytes:
        body = bytearray()
        while size := int(self.rfile.readline().split(b";")[0], 16):
            body += self.rfile.read(size)
            self.rfile.readline()
        while self.rfile.readline().strip():
            pass  # trailers
        return bytes(body)

    def _reply(self, response: Response) -> None:
        self.send_response_only(response.status)
        empty = self.command == "HEAD"
        names = {name.lower() for name, _ in response.headers}
        for name, value in response.headers:
            if name.lower() not in ("connection", "transfer-encoding", "status") and (
                empty or name.lower() != "content-length"
            ):
                self.send_header(name, value)
        if not empty or "content-length" not in names:
            if response.status not in (204, 304):
                self.send_header("Content-Length", str(len(response.body)))
        if "date" not in names:
            self.send_header("Date", self.date_time_string())
        self.end_headers()
        if not empty and response.status not in (204, 304):
            self.wfile.write(response.body)
        self.wfile.flush()
