"""The Web port: one suite, on the in-memory twin and on real TLS over loopback."""

from collections.abc import Iterator
from typing import Any

import pytest

from chalicelib.adapters.memory_web import BreaksOff, MemoryWeb
from chalicelib.adapters.web import GuardedWeb, Limits, World
from chalicelib.errors import ForbiddenAddress, ProviderRefused, ProviderUnreachable
from chalicelib.services.ports import Answer, Web
from chalicelib.telephony.webhook import Outgoing
from tests.loopback import answer, double, trust

HOST = "api.provider.test"
GET = Outgoing("GET", f"https://{HOST}/a")


class Provider:
    """A port under test, and how its provider is told what to answer."""

    def __init__(self, port: Web, tell: Any, break_off: Any) -> None:
        self.port, self.tell, self.break_off = port, tell, break_off

    def ask(self, outgoing: Outgoing = GET) -> Answer:
        return self.port.ask("nobody", outgoing, (HOST,))

    def fetch(self, outgoing: Outgoing = GET, some: int = -1) -> bytes:
        with self.port.stream("nobody", outgoing, (HOST,)) as stream:
            assert stream.readable() and not stream.seekable()
            return stream.read(some)


@pytest.fixture(params=["memory", "guarded"])
def provider(request: pytest.FixtureRequest) -> Iterator[Provider]:
    if request.param == "memory":
        twin, broke = MemoryWeb(), ProviderUnreachable("broke off")
        yield Provider(
            twin,
            lambda status, body: twin.tell("GET", GET.url, Answer(status, {"x-a": "b"}, body)),
            lambda body: twin.tell("GET", GET.url, BreaksOff(body, broke)),
        )
        return
    with double() as made:
        place = (0, 0, 0, "", ("127.0.0.1", made.port))
        yield Provider(
            GuardedWeb(Limits(), {}, World(lambda *_, **__: [place], lambda _: True, trust)),
            lambda status, body: made.tell(HOST, "/a", answer(status, body, X_A="b")),
            lambda body: made.tell(HOST, "/a", answer(200, body, content_length=str(len(body) + 1))),
        )


def test_a_body_is_given_piece_by_piece(provider: Provider) -> None:
    provider.tell(200, b"sound" * 99_999)
    assert (provider.fetch(), provider.fetch(some=7)) == (b"sound" * 99_999, b"soundso")
    provider.tell(200, b"")
    assert provider.fetch() == b""


@pytest.mark.parametrize("status", [200, 202, 204, 302, 401, 404, 410])
def test_an_answer_has_its_status_headers_and_body(provider: Provider, status: int) -> None:
    body = b"" if status == 204 else b"{}"
    provider.tell(status, body)
    found = provider.ask()
    assert (found.status, found.headers["x-a"], found.body) == (status, "b", body)


def test_what_nobody_knows_is_not_found(provider: Provider) -> None:
    assert provider.ask(Outgoing("DELETE", f"https://{HOST}/nowhere")).status == 404
    with pytest.raises(ProviderRefused):
        provider.fetch(Outgoing("GET", f"https://{HOST}/nowhere"))


@pytest.mark.parametrize("status", [204, 403, 404])
def test_a_refusal_has_its_status(provider: Provider, status: int) -> None:
    provider.tell(status, b"")
    with pytest.raises(ProviderRefused) as caught:
        provider.fetch()
    assert caught.value.status == status


@pytest.mark.parametrize("status", [429, 500, 503])
def test_what_may_pass_is_to_be_tried_again(provider: Provider, status: int) -> None:
    provider.tell(status, b"")
    for attempt in (provider.fetch, provider.ask):
        with pytest.raises(ProviderUnreachable):
            attempt()


def test_a_body_that_breaks_off_raises_and_what_came_before_can_be_read(provider: Provider) -> None:
    provider.break_off(b"sound" * 99_999)
    assert provider.fetch(some=5) == b"sound"
    with pytest.raises(ProviderUnreachable):
        provider.fetch()


@pytest.mark.parametrize("url", [f"http://{HOST}/a", "https://evil.test/a", f"https://{HOST}@evil.test/a", ""])
def test_a_forbidden_url_is_not_asked(provider: Provider, url: str) -> None:
    for attempt in (provider.fetch, provider.ask):
        with pytest.raises(ForbiddenAddress):
            attempt(Outgoing("GET", url))


def test_the_twin_answers_in_turn_and_remembers_who_asked_what() -> None:
    twin = MemoryWeb()
    twin.tell("GET", GET.url, ProviderUnreachable("now"), Answer(200, {}, b"first"), Answer(410, {}))
    with pytest.raises(ProviderUnreachable, match="now"):
        twin.ask("nobody", GET, (HOST,))
    assert [twin.ask("nobody", GET, (HOST,)).status for _ in range(3)] == [200, 410, 410]
    assert twin.asked == [("nobody", GET)] * 4
