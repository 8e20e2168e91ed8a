"""All providers' APIs behind one port, told apart by the Host header: for tests, and for a call on a local account.

Run `python -m infra.local.provider --port 8770` and set PROVIDERS_ENDPOINT=http://127.0.0.1:8770 on the functions.
`CREDENTIALS` (`provider_answers.py`) go into the providers' secrets; requests without them are answered with 401. Then

    curl --data-binary @call.wav 'http://127.0.0.1:8770/_double/recording?at=https://media.example.com/r-1.wav'
    curl http://127.0.0.1:8770/_double/asked

sets the sound that lies at an address (for Twilio with or without `.wav`; for Aircall and RingCentral at the address
that `at_provider` there gives), and shows what was asked: JSON, without headers, for those hold the credentials.
"""

from __future__ import annotations

import argparse
import sys
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs

from infra.local.provider_answers import Answers, as_json, provider_of

_LARGEST = 64 << 20


class ProviderDouble(ThreadingHTTPServer):
    """Serves on `address` what `answers` has; what is asked of it is kept there."""

    daemon_threads = True

    def __init__(self, address: tuple[str, int] = ("127.0.0.1", 0)) -> None:
        self.answers = Answers()
        super().__init__(address, _Handler)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}"


class _Handler(BaseHTTPRequestHandler):
    server: ProviderDouble
    protocol_version = "HTTP/1.1"
    timeout = 30

    def _any(self) -> None:
        said = self.rfile.read(min(int(self.headers.get("Content-Length") or 0), _LARGEST))
        path, _, query = self.path.partition("?")
        if path == "/_double/asked":
            return self._say(200, as_json(self.server.answers.asked))
        if path == "/_double/recording":
            self.server.answers.keep(parse_qs(query)["at"][0], said)
            return self._say(204, b"")
        host = (self.headers.get("Host") or "").lower()
        known = self.headers.get("Authorization") or ""
        status, answer = self.server.answers.answer(self.command, host, self.path, known)
        asked = {"provider": provider_of(host), "host": host, "method": self.command, "path": self.path}
        self.server.answers.asked.append(asked | {"body": said.decode("utf-8", "replace"), "status": status})
        return self._say(status, answer)

    do_GET = do_POST = do_PUT = do_PATCH = do_DELETE = _any

    def _say(self, status: int, answer: bytes) -> None:
        self.send_response(status)
        if status != 204:
            self.send_header("Content-Length", str(len(answer)))
        self.end_headers()
        self.wfile.write(answer)

    def log_message(self, *_: Any) -> None:
        """`asked` tells."""


@contextmanager
def providers() -> Iterator[ProviderDouble]:
    """A double on a free port of loopback, for as long as the context lasts."""
    with ProviderDouble() as double:
        threading.Thread(target=double.serve_forever, args=(0.02,), daemon=True).start()
        yield double
        double.shutdown()


def main(arguments: Sequence[str] | None = None) -> int:
    """Serve until Ctrl-C."""
    parser = argparse.ArgumentParser("provider", description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--port", type=int, default=8770, help="port to listen on (default 8770; 0: any free one)")
    parser.add_argument("--host", default="127.0.0.1", help="address to listen on (default 127.0.0.1: this machine)")
    options = parser.parse_args(arguments)
    with ProviderDouble((options.host, options.port)) as double:
        print(f"PROVIDERS_ENDPOINT={double.url}", flush=True)
        try:
            double.serve_forever()
        except KeyboardInterrupt:
            return 0
    return 0


if __name__ == "__main__":
    sys.exit(main())
