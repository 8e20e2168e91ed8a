"""The Web port on urllib3: what providers are asked, and nobody else.

A URL comes from a webhook, and may lie. Its host must be one of the provider's; its name is resolved once, each of
its addresses must be public, and the connection goes to the address that was checked, not to the name again.
"""

from __future__ import annotations

import io
import socket
import ssl
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import dataclass, replace
from functools import cached_property
from types import MappingProxyType
from typing import Any, BinaryIO

from urllib3 import BaseHTTPResponse, HTTPHeaderDict
from urllib3.connection import HTTPConnection

from chalicelib.adapters.addresses import Wanted, allowed, is_public
from chalicelib.adapters.statuses import MOVED, require_answer, require_media
from chalicelib.adapters.wire import Body, Deadline, broken, connected, rehearsing
from chalicelib.errors import ForbiddenAddress, ProviderRefused, ProviderUnreachable
from chalicelib.services.ports import Answer
from chalicelib.telephony.webhook import Outgoing

REDIRECTS = 3


@dataclass(frozen=True, slots=True)
class Limits:
    """What one request of ours takes at most; `step_seconds` is for each wait in it."""

    media_bytes: int = 2 << 30
    media_seconds: float = 600
    answer_bytes: int = 1 << 20
    answer_seconds: float = 5
    step_seconds: float = 10


@dataclass(frozen=True, slots=True)
class World:
    """What lies outside: names, addresses, certificates, time. Only tests give another one than this."""

    resolve: Callable[..., list[Any]] = socket.getaddrinfo
    public: Callable[[str], bool] = is_public
    trust: Callable[[], ssl.SSLContext] = ssl.create_default_context
    clock: Callable[[], float] = time.monotonic


_REAL = World()


class GuardedWeb:
    """`endpoints` are where a provider's requests go instead, as `http://127.0.0.1:1234`, by the provider's name.

    They are for rehearsals on a local account, and production sets none. URLs are checked all the same, and the Host
    header is the real one.
    """

    def __init__(
        self, limits: Limits, endpoints: Mapping[str, str] = MappingProxyType({}), world: World = _REAL
    ) -> None:
        self._limits, self._endpoints, self._world = limits, endpoints, world

    def ask(self, provider: str, outgoing: Outgoing, hosts: tuple[str, ...]) -> Answer:
        wanted, deadline = allowed(outgoing.url, hosts), self._deadline(self._limits.answer_seconds)
        with self._asked(provider, outgoing, wanted, deadline) as response:
            require_answer(response.status)
            body = io.BufferedReader(Body(response, self._limits.answer_bytes)).read()
            headers = {name.lower(): value for name, value in response.headers.itermerged()}
            return Answer(response.status, headers, body)

    @contextmanager
    def stream(self, provider: str, outgoing: Outgoing, hosts: tuple[str, ...]) -> Iterator[BinaryIO]:
        wanted, deadline = allowed(outgoing.url, hosts), self._deadline(self._limits.media_seconds)
        for _ in range(1 + REDIRECTS):
            with self._asked(provider, outgoing, wanted, deadline) as response:
                location = response.headers.get("location")
                if response.status not in MOVED or outgoing.method != "GET" or location is None:
                    require_media(response.status)
                    yield io.BufferedReader(Body(response, self._limits.media_bytes), 1 << 16)
                    return
            before, wanted = wanted, allowed(wanted.joined(location), hosts)
            if wanted.host != before.host:  # whatever header is a secret, the next host must not learn it
                outgoing = replace(outgoing, headers={}, body=None)
        raise ProviderRefused(response.status)

    @contextmanager
    def _asked(
        self, provider: str, outgoing: Outgoing, wanted: Wanted, deadline: Deadline
    ) -> Iterator[BaseHTTPResponse]:
        """The answer to one request, its body still to be read."""
        headers = HTTPHeaderDict({"User-Agent": "Sourdine"})
        headers.update(outgoing.headers)
        headers["Host"] = wanted.host
        with closing(self._connect(provider, wanted.host, deadline)) as connection:
            with broken():
                connection.request(
                    outgoing.method,
                    wanted.target,
                    outgoing.body,
                    headers,
                    preload_content=False,
                    decode_content=False,
                )
                response = connection.getresponse()
            with closing(response):
                yield response

    def _connect(self, provider: str, host: str, deadline: Deadline) -> HTTPConnection:
        """To the first of the host's addresses that answers, none of which may be anything but public."""
        if base := self._endpoints.get(provider):
            return rehearsing(base, deadline)
        failed = ProviderUnreachable("the provider's name has no address: ask again later")
        for address in self._addresses(host):
            try:
                return connected(host, address, self._trust, deadline)
            except ProviderUnreachable as error:
                failed = error
        raise failed

    def _addresses(self, host: str) -> list[tuple[str, int]]:
        """Resolved once. How long that may take is the resolver's own: the C library offers no other limit."""
        with broken():
            found = self._world.resolve(host, 443, type=socket.SOCK_STREAM)
        addresses = [(str(place[0]), int(place[1])) for *_, place in found]
        if not all(self._world.public(address) for address, _ in addresses):
            raise ForbiddenAddress("the host's name leads to an address that is not public")
        return addresses

    def _deadline(self, seconds: float) -> Deadline:
        return Deadline(seconds, self._limits.step_seconds, self._world.clock)

    @cached_property
    def _trust(self) -> ssl.SSLContext:
        return self._world.trust()
