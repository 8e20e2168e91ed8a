"""The recogniser on HTTP: AWS JSON 1.1 on `POST /`, and `GET /health`. Nothing of a request is ever logged."""

from __future__ import annotations

import json
import logging
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from infra.local.jobs import Jobs
from infra.local.transcribe_api import Api, RefusedError

LARGEST_REQUEST = 64 * 1024
log = logging.getLogger("sourdine.recogniser")


class TranscribeServer(ThreadingHTTPServer):
    """Answers on `address` (host, port) for `jobs`; `serve_forever` and `shutdown` are http.server's."""

    daemon_threads = True
    request_queue_size = 64

    def __init__(self, address: tuple[str, int], jobs: Jobs) -> None:
        self.api = Api(jobs)
        self.jobs = jobs
        super().__init__(address, _Handler)

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A connection broke: no stack trace, which could quote a request."""
        log.info("connection lost")


class _Handler(BaseHTTPRequestHandler):
    server: TranscribeServer
    protocol_version = "HTTP/1.1"
    server_version, sys_version = "Sourdine", ""
    timeout = 30  # seconds of silence after which a connection is closed

    def do_GET(self) -> None:
        if self.path != "/health":
            return self._say(HTTPStatus.NOT_FOUND, {})
        if not self.server.jobs.ready:
            return self._say(HTTPStatus.SERVICE_UNAVAILABLE, {"status": "loading"})
        return self._say(HTTPStatus.OK, {"status": "ok", **self.server.jobs.counts()})

    def do_POST(self) -> None:
        status: int = HTTPStatus.OK
        try:
            answer = self.server.api.answer(self.headers.get("X-Amz-Target", ""), self._body())
        except RefusedError as error:
            answer, status = {"__type": error.code, "Message": str(error)}, error.status
        except OSError:  # the connection itself: http.server closes it
            raise
        except Exception:  # whatever it is, the thread answers
            answer = {"__type": "InternalFailureException", "Message": "The recogniser failed."}
            status = HTTPStatus.INTERNAL_SERVER_ERROR
        self._say(status, answer)

    def _body(self) -> bytes:
        length = self.headers.get("Content-Length", "")
        if not (length.isascii() and length.isdecimal()) or len(length) > 9 or int(length) > LARGEST_REQUEST:
            self.close_connection = True  # what follows on it is not a request
            raise RefusedError("BadRequestException", f"A request has a length, of {LARGEST_REQUEST} bytes at most.")
        return self.rfile.read(int(length))

    def _say(self, status: int, answer: dict[str, Any]) -> None:
        body = json.dumps(answer).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/x-amz-json-1.1")
        self.send_header("Content-Length", str(len(body)))
        if self.close_connection:
            self.send_header("Connection", "close")
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: Any) -> None:
        """Requests are not logged: they name keys and buckets."""
