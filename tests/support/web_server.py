"""A web server on this machine, which does what servers do: also stall, lie, break off and refuse."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

Answer = Callable[[BaseHTTPRequestHandler], None]


class Server:
    """Path to bytes, or to a function that answers; PUT adds to it, unless ``on_put`` answers."""

    def __init__(self) -> None:
        self.files: dict[str, bytes | Answer] = {}
        self.asked: list[str] = []
        """What was asked for by GET: path and range."""
        self.put: list[str] = []
        """Paths that were put as a whole."""
        self.credentials: set[str] = set()
        self.on_put: Answer | None = None
        outer = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                outer.asked.append(f"{self.path} {self.headers.get('Range', '')}".strip())
                self._answer()

            def do_HEAD(self) -> None:
                self._answer()

            def do_PUT(self) -> None:
                outer.credentials.add(self.headers.get("Authorization", ""))
                if outer.on_put is not None:
                    outer.on_put(self)
                    return
                data = self.rfile.read(int(self.headers["Content-Length"]))
                outer.files[self.path] = data
                outer.put.append(self.path)
                send(self, b"", status=201)

            def _answer(self) -> None:
                outer.credentials.add(self.headers.get("Authorization", ""))
                answer = outer.files.get(self.path)
                if callable(answer):
                    answer(self)
                elif answer is None:
                    self.send_error(404)
                else:
                    send(self, answer)

            def log_message(self, format: str, *args: object) -> None:  # noqa: A002
                pass

        self.http = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.http.daemon_threads = False  # so that closing waits for them
        self.url = f"http://127.0.0.1:{self.http.server_port}"


def send(handler: BaseHTTPRequestHandler, data: bytes, *, length: int | None = None, status: int = 200) -> None:
    """An answer, whose length may be a lie."""
    handler.send_response(status)
    handler.send_header("Content-Length", str(len(data) if length is None else length))
    handler.end_headers()
    if handler.command != "HEAD":
        handler.wfile.write(data)
    handler.close_connection = True


@contextmanager
def serving() -> Iterator[Server]:
    """A server while the block runs."""
    one = Server()
    thread = threading.Thread(target=one.http.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    yield one
    one.http.shutdown()
    one.http.server_close()
    thread.join()


def endless(handler: BaseHTTPRequestHandler) -> None:
    """As much as anybody takes, and nothing said of how much that is."""
    handler.send_response(200)
    handler.end_headers()
    handler.close_connection = True
    with suppress(OSError):
        for _ in range(1000):
            handler.wfile.write(b" " * 100_000)
