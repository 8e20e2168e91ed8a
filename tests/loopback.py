"""A provider's double on loopback, over real TLS, that sends exactly the bytes that a test wrote down."""

from __future__ import annotations

import socket
import ssl
import threading
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from functools import cache
from typing import Any

import trustme

NAMES = ("api.provider.test", "media.provider.test", "storage.test", "elsewhere.test")


@dataclass(frozen=True)
class Asked:
    """A request as it came."""

    method: str
    target: str
    headers: dict[str, str]
    body: bytes

    @property
    def host(self) -> str:
        return self.headers["host"]


@dataclass
class Double:
    """`answers` gives the bytes of whole responses, in pieces; what is not in it is answered with 404."""

    port: int
    answers: dict[tuple[str, str], Callable[[], Iterable[bytes]]] = field(default_factory=dict)
    asked: list[Asked] = field(default_factory=list)

    def tell(self, host: str, target: str, *pieces: bytes) -> None:
        self.answers[host, target] = lambda: pieces

    def serve(self, sock: Any) -> None:
        with sock.makefile("rb") as lines:
            method, target, _ = lines.readline().decode("latin-1").split(" ", 2)
            pairs = (line.decode("latin-1").partition(":") for line in iter(lines.readline, b"\r\n"))
            headers = {name.lower(): value.strip() for name, _, value in pairs}
            body = lines.read(int(headers.get("content-length", 0)))
        self.asked.append(Asked(method, target, headers, body))
        for piece in self.answers.get((headers["host"], target), lambda: [answer(404)])():
            sock.sendall(piece)


def answer(status: int, body: bytes = b"", **headers: str) -> bytes:
    """A whole response; `_` in the headers' names are `-`."""
    told = {"content-length": str(len(body))} | {name.replace("_", "-"): value for name, value in headers.items()}
    head = "".join(f"{name}: {value}\r\n" for name, value in told.items())
    return f"HTTP/1.1 {status} Told\r\n{head}\r\n".encode("latin-1") + body


@cache
def authority() -> trustme.CA:
    return trustme.CA()


def trust() -> ssl.SSLContext:
    """A context that trusts the doubles' authority alone."""
    context = ssl.create_default_context(cadata=authority().cert_pem.bytes().decode())
    assert context.check_hostname
    return context


@contextmanager
def double(*names: str, tls: bool = True, close_notify: bool = True) -> Iterator[Double]:
    """A double whose certificate is of `names`; without `close_notify` it cuts each connection as a cable would."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority().issue_cert(*(names or NAMES)).configure_cert(context)
    with socket.create_server(("127.0.0.1", 0)) as listening:
        made = Double(listening.getsockname()[1])

        def one(plain: socket.socket) -> None:
            with suppress(OSError, ValueError), plain:
                sock = context.wrap_socket(plain, server_side=True) if tls else plain
                with sock:
                    made.serve(sock)
                    if isinstance(sock, ssl.SSLSocket) and close_notify:
                        sock.unwrap()

        def run() -> None:
            with suppress(OSError):
                while True:
                    threading.Thread(target=one, args=(listening.accept()[0],), daemon=True).start()

        thread = threading.Thread(target=run, daemon=True)
        thread.start()
        yield made
        listening.shutdown(socket.SHUT_RDWR)
    thread.join(5)
