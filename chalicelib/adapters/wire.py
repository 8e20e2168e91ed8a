"""A connection to one checked address that is over in time whatever the other side does, and bodies of bounded size."""

from __future__ import annotations

import io
import logging
import ssl
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.client import HTTPException
from typing import TYPE_CHECKING, Any, cast
from urllib.parse import urlsplit

from urllib3 import BaseHTTPResponse
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.exceptions import HTTPError

from chalicelib.errors import MediaTooLarge, ProviderUnreachable

if TYPE_CHECKING:
    from _typeshed import WriteableBuffer

logging.getLogger("urllib3.connection").setLevel(logging.ERROR)  # its warning of broken headers would quote the URL


class Deadline:
    """When a request of ours has to be over; no step of it may take more than `each` seconds either."""

    def __init__(self, seconds: float, each: float, clock: Callable[[], float]) -> None:
        self._clock, self._each = clock, each
        self._end = clock() + seconds

    def left(self) -> float:
        """The seconds that the next step may take. Raises ProviderUnreachable where none are left."""
        left = self._end - self._clock()
        if left <= 0:
            raise ProviderUnreachable("the provider takes longer than it may: ask again later")
        return min(left, self._each)


class _Timed:
    """A socket, each of whose waits ends by the deadline: a byte now and then does not prolong it."""

    def __init__(self, sock: Any, deadline: Deadline) -> None:
        self._sock, self._deadline = sock, deadline
        if isinstance(sock, ssl.SSLSocket):
            # TLS says where it ends. A connection that was cut says nothing, and must not pass for a whole answer.
            vars(sock)["suppress_ragged_eofs"] = False

    def __getattr__(self, name: str) -> Any:
        return getattr(self._sock, name)

    def sendall(self, data: Any) -> None:
        self._sock.settimeout(self._deadline.left())
        self._sock.sendall(data)

    def makefile(self, mode: str) -> io.BufferedReader:
        return _WholeLines(_TimedReader(self._sock, self._deadline))


class _TimedReader(io.RawIOBase):
    """What a timed socket receives."""

    def __init__(self, sock: Any, deadline: Deadline) -> None:
        self._sock, self._deadline = sock, deadline
        self._raw = sock.makefile("rb", buffering=0)

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: WriteableBuffer, /) -> int | None:
        self._sock.settimeout(self._deadline.left())
        return cast("int | None", self._raw.readinto(buffer))

    def close(self) -> None:
        self._raw.close()
        super().close()


class _WholeLines(io.BufferedReader):
    """Only headers and lengths of chunks are read by the line: http.client takes the end of a cut one for its end."""

    def readline(self, size: int | None = -1, /) -> bytes:
        line = super().readline(size)
        if not line.endswith(b"\n"):
            raise ConnectionError("a line broke off, or is too long")
        return line


class Body(io.RawIOBase):
    """The body of an answer, as it came. Raises MediaTooLarge beyond `most` bytes, and before them where it is told."""

    def __init__(self, response: BaseHTTPResponse, most: int) -> None:
        self._response, self._left = response, most
        if (response.length_remaining or 0) > most:
            raise MediaTooLarge("the provider announces more than is taken of one answer")

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: WriteableBuffer, /) -> int:
        room = memoryview(buffer).cast("B")
        with broken():
            found = self._response.read(min(len(room), self._left + 1), decode_content=False)
        self._left -= len(found)
        if self._left < 0:
            raise MediaTooLarge("the provider sends more than is taken of one answer")
        room[: len(found)] = found
        return len(found)


@contextmanager
def broken() -> Iterator[None]:
    """Turn whatever goes wrong on the wire into one error of ours, which names no URL as those of the libraries do."""
    try:
        yield
    except (HTTPError, HTTPException, OSError) as error:
        kind = type(error).__name__
        raise ProviderUnreachable(f"the provider does not answer, or broke off ({kind}): ask again later") from None


def connected(host: str, address: tuple[str, int], trust: ssl.SSLContext, deadline: Deadline) -> HTTPConnection:
    """A connection to that very address, whose certificate is `host`'s. Raises ProviderUnreachable.

    TCP and TLS are a step each.
    """
    made = HTTPSConnection(*address, timeout=deadline.left(), ssl_context=trust, server_hostname=host)
    return _timed(made, deadline)


def rehearsing(base: str, deadline: Deadline) -> HTTPConnection:
    """A connection to a provider's double on this computer, without TLS."""
    place = urlsplit(base)
    return _timed(HTTPConnection(str(place.hostname), place.port, timeout=deadline.left()), deadline)


def _timed(connection: HTTPConnection, deadline: Deadline) -> HTTPConnection:
    with broken():
        try:
            connection.connect()
        except BaseException:
            connection.close()
            raise
    connection.sock = cast("Any", _Timed(connection.sock, deadline))
    return connection
