"""The Web port against real TLS servers on loopback: where it goes, what it takes, and for how long."""

import gzip
import itertools
import logging
import ssl
import threading
import time
import traceback
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from socket import gaierror
from typing import Any

import pytest

from chalicelib.adapters.web import GuardedWeb, Limits, World
from chalicelib.errors import (
    ForbiddenAddress,
    MediaTooLarge,
    ProviderRefused,
    ProviderUnreachable,
    SourdineError,
)
from chalicelib.telephony.webhook import Outgoing
from tests.loopback import Double, answer, double, trust

API, MEDIA, STORAGE, ELSEWHERE = "api.provider.test", "media.provider.test", "storage.test", "elsewhere.test"
HOSTS = (API, ".provider.test", STORAGE)
SECRETS = {"Authorization": "Bearer secret", "X-Api-Key": "secret"}
LIMITS = Limits(media_bytes=100_000, media_seconds=20, answer_bytes=1_000, answer_seconds=20, step_seconds=3)


@dataclass
class Names:
    """A resolver: every name is on loopback, at the double's port, unless `told` says otherwise."""

    port: int
    told: dict[str, list[str]] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)

    def resolve(self, host: str, port: int, **_: Any) -> list[Any]:
        self.asked.append(host)
        assert port == 443
        return [(0, 0, 0, "", (address, self.port)) for address in self.told.get(host, ["127.0.0.1"])]


@dataclass
class Rig:
    """A double and the port that asks it."""

    double: Double
    names: Names

    def web(self, limits: Limits = LIMITS, **world: Any) -> GuardedWeb:
        outside = {"resolve": self.names.resolve, "public": lambda address: address == "127.0.0.1", "trust": trust}
        return GuardedWeb(limits, {}, World(**{**outside, **world}))

    def fetch(self, url: str = f"https://{API}/a", web: GuardedWeb | None = None) -> bytes:
        with (web or self.web()).stream("nobody", Outgoing("GET", url, SECRETS), HOSTS) as stream:
            return stream.read()

    def hosts(self) -> list[str]:
        return [asked.host for asked in self.double.asked]


@pytest.fixture
def rig() -> Iterator[Rig]:
    with double() as made:
        yield Rig(made, Names(made.port))


def ticking(seconds: float = 1) -> Callable[[], float]:
    """A clock that moves on whenever it is looked at."""
    counted = itertools.count()
    return lambda: next(counted) * seconds


def test_a_recording_is_streamed_from_the_host_that_its_url_names(rig: Rig) -> None:
    rig.double.tell(API, "/v1/a%2Fb?sig=x%3D&y", answer(200, b"sound" * 9_000))
    assert rig.fetch(f"https://{API.upper()}/v1/a%2Fb?sig=x%3D&y#part") == b"sound" * 9_000
    [asked] = rig.double.asked
    assert (asked.method, asked.host, asked.headers["authorization"]) == ("GET", API, "Bearer secret")
    assert (asked.headers["accept-encoding"], asked.headers["user-agent"]) == ("identity", "Sourdine")


def test_a_chunked_body_is_put_together(rig: Rig) -> None:
    rig.double.tell(API, "/a", chunked(200), b"5\r\nsound\r\n", b"2\r\n!!\r\n", b"0\r\n\r\n")
    assert rig.fetch() == b"sound!!"


def chunked(status: int) -> bytes:
    return f"HTTP/1.1 {status} Told\r\nTransfer-Encoding: chunked\r\n\r\n".encode()


def test_a_small_answer_comes_with_its_status_and_headers(rig: Rig) -> None:
    rig.double.tell(API, "/calls", answer(401, b'{"no": 1}', X_Reason="none"))
    asked = Outgoing("POST", f"https://{API}/calls", {"host": "evil.test", "user-agent": "a"}, b'{"id": 1}')
    found = rig.web().ask("nobody", asked, HOSTS)
    assert (found.status, found.body, found.headers["x-reason"]) == (401, b'{"no": 1}', "none")
    [came] = rig.double.asked
    assert (came.method, came.body, came.host, came.headers["user-agent"]) == ("POST", b'{"id": 1}', API, "a")


def test_a_redirect_of_a_small_answer_is_an_answer(rig: Rig) -> None:
    rig.double.tell(API, "/a", answer(302, Location=f"https://{MEDIA}/b"))
    found = rig.web().ask("nobody", Outgoing("GET", f"https://{API}/a"), HOSTS)
    assert (found.status, found.headers["location"]) == (302, f"https://{MEDIA}/b")
    assert rig.hosts() == [API]


@pytest.mark.parametrize(
    "url", [f"http://{API}/a", f"https://{ELSEWHERE}/a", "https://127.0.0.1/a", f"https://{API}:8443/"]
)
def test_a_forbidden_url_is_neither_resolved_nor_asked(rig: Rig, url: str) -> None:
    with pytest.raises(ForbiddenAddress):
        rig.fetch(url)
    with pytest.raises(ForbiddenAddress):
        rig.web().ask("nobody", Outgoing("GET", url), HOSTS)
    assert rig.names.asked == rig.double.asked == []


@pytest.mark.parametrize(
    "addresses",
    [
        *(["10.0.0.1"], ["127.0.0.1"], ["169.254.169.254"], ["::1"], ["fd00:ec2::254"], ["::ffff:169.254.169.254"]),
        *(["8.8.8.8", "10.0.0.1"], ["10.0.0.1", "8.8.8.8"], ["2606:4700::1111", "::1"], ["nonsense"]),
    ],
    ids=" ".join,
)
def test_a_name_that_leads_to_any_address_that_is_not_public_is_not_asked(rig: Rig, addresses: list[str]) -> None:
    rig.names.told[API] = addresses
    real = World(rig.names.resolve, trust=trust)
    with pytest.raises(ForbiddenAddress):
        rig.fetch(web=GuardedWeb(LIMITS, {}, real))
    assert rig.double.asked == []


def test_a_name_that_leads_nowhere_may_later(rig: Rig) -> None:
    def none(*_: Any, **__: Any) -> list[Any]:
        raise gaierror("no such name: api.provider.test")

    for resolve in (none, lambda *_, **__: []):
        with pytest.raises(ProviderUnreachable):
            rig.fetch(web=rig.web(resolve=resolve))


def test_the_address_that_was_checked_is_the_one_connected_to(rig: Rig) -> None:
    """DNS rebinding: the second answer would be another address."""
    rig.double.tell(API, "/a", answer(200, b"sound"))
    told = iter([["127.0.0.1"], ["127.0.0.2"]])
    asked = []

    def rebinding(host: str, *_: Any, **__: Any) -> list[Any]:
        asked.append(host)
        return [(0, 0, 0, "", (address, rig.double.port)) for address in next(told)]

    web = rig.web(resolve=rebinding)
    assert rig.fetch(web=web) == b"sound"
    assert asked == [API]
    with pytest.raises(ForbiddenAddress):
        rig.fetch(web=web)
    assert len(rig.double.asked) == 1


def test_where_the_first_address_is_dead_the_next_is_tried(rig: Rig) -> None:
    rig.double.tell(API, "/a", answer(200, b"sound"))
    rig.names.told[API] = ["127.0.0.9", "127.0.0.1"]  # nobody listens at the first
    assert rig.fetch(web=rig.web(public=lambda _: True)) == b"sound"
    rig.names.told[API] = ["127.0.0.9", "127.0.0.8"]
    with pytest.raises(ProviderUnreachable):
        rig.fetch(web=rig.web(public=lambda _: True))


def test_a_certificate_of_another_name_is_refused_before_anything_is_said() -> None:
    with double(ELSEWHERE) as made, pytest.raises(ProviderUnreachable):
        Rig(made, Names(made.port)).fetch()
    assert made.asked == []


def test_a_certificate_of_an_unknown_authority_is_refused(rig: Rig) -> None:
    with pytest.raises(ProviderUnreachable):
        rig.fetch(web=rig.web(trust=ssl.create_default_context))
    assert rig.double.asked == []


def test_a_redirect_within_the_list_is_followed_and_no_secret_goes_along(rig: Rig) -> None:
    rig.double.tell(API, "/a", answer(302, Location=f"https://{STORAGE}/b?sig=1"))
    rig.double.tell(STORAGE, "/b?sig=1", answer(307, Location="/c"))
    rig.double.tell(STORAGE, "/c", answer(301, Location=f"//{API}/d"))
    rig.double.tell(API, "/d", answer(200, b"sound"))
    assert rig.fetch() == b"sound"
    assert rig.hosts() == rig.names.asked == [API, STORAGE, STORAGE, API]
    told = [SECRETS.keys() & {name.title() for name in asked.headers} for asked in rig.double.asked]
    assert told == [SECRETS.keys(), set(), set(), set()]


def test_a_redirect_at_the_same_host_keeps_the_credentials(rig: Rig) -> None:
    rig.double.tell(API, "/a", answer(302, Location="b?x"))
    rig.double.tell(API, "/b?x", answer(200, b"sound"))
    assert rig.fetch() == b"sound"
    assert [asked.headers["authorization"] for asked in rig.double.asked] == ["Bearer secret"] * 2


@pytest.mark.parametrize(
    "location",
    [
        *(
            f"https://{ELSEWHERE}/b",
            f"http://{API}/b",
            "http://169.254.169.254/",
            "https://localhost/",
            "//[",
            "//[::1]/",
        ),
        *(f"//{ELSEWHERE}/b", f"https://{API}@{ELSEWHERE}/b", f"https://{API}:8443/b", "file:///etc/passwd"),
        *(f"\\\\{ELSEWHERE}\\b", f"https:\\\\{ELSEWHERE}/b", "https://аpi.provider.test/b".encode().decode("latin-1")),
    ],
)
def test_a_redirect_off_the_list_is_not_followed(rig: Rig, location: str) -> None:
    rig.double.tell(API, "/a", answer(302, Location=location))
    with pytest.raises(ForbiddenAddress):
        rig.fetch()
    assert rig.hosts() == [API]


def test_a_redirect_to_a_listed_name_at_a_private_address_is_not_followed(rig: Rig) -> None:
    rig.double.tell(API, "/a", answer(302, Location=f"https://{MEDIA}/b"))
    rig.names.told[MEDIA] = ["127.0.0.2"]
    with pytest.raises(ForbiddenAddress):
        rig.fetch()
    assert rig.hosts() == [API]


def test_redirects_in_a_loop_end(rig: Rig) -> None:
    rig.double.tell(API, "/a", answer(302, Location="/a"))
    with pytest.raises(ProviderRefused) as caught:
        rig.fetch()
    assert (caught.value.status, rig.hosts()) == (302, [API] * 4)


def test_a_redirect_of_what_is_no_get_or_that_leads_nowhere_is_a_refusal(rig: Rig) -> None:
    rig.double.tell(API, "/a", answer(302, Location="/b"))
    rig.double.tell(API, "/c", answer(302))
    for outgoing in (Outgoing("POST", f"https://{API}/a", body=b"x"), Outgoing("GET", f"https://{API}/c")):
        with pytest.raises(ProviderRefused), rig.web().stream("nobody", outgoing, HOSTS):
            pass
    assert [asked.target for asked in rig.double.asked] == ["/a", "/c"]


@pytest.mark.parametrize("status", [400, 401, 403, 404, 410, 204, 304])
def test_what_asking_again_does_not_help_is_a_refusal(rig: Rig, status: int) -> None:
    rig.double.tell(API, "/a", answer(status))
    with pytest.raises(ProviderRefused) as caught:
        rig.fetch()
    assert caught.value.status == status
    assert rig.web().ask("nobody", Outgoing("GET", f"https://{API}/a"), HOSTS).status == status


@pytest.mark.parametrize("status", [408, 425, 429, 500, 502, 503, 504])
def test_what_may_pass_is_to_be_tried_again(rig: Rig, status: int) -> None:
    rig.double.tell(API, "/a", answer(status))
    with pytest.raises(ProviderUnreachable):
        rig.fetch()
    with pytest.raises(ProviderUnreachable):
        rig.web().ask("nobody", Outgoing("GET", f"https://{API}/a"), HOSTS)


def test_a_recording_that_is_not_ready_yet_is_to_be_tried_again(rig: Rig) -> None:
    rig.double.tell(API, "/a", answer(202, b"{}"))
    with pytest.raises(ProviderUnreachable):
        rig.fetch()


def test_a_body_that_is_announced_as_too_large_is_not_read(rig: Rig) -> None:
    rig.double.tell(API, "/a", answer(200, b"", content_length="100001"))
    with pytest.raises(MediaTooLarge):
        rig.fetch()


def test_a_body_that_grows_too_large_is_left(rig: Rig) -> None:
    def endless() -> Iterator[bytes]:
        yield chunked(200)
        yield from itertools.repeat(b"2710\r\n" + bytes(10_000) + b"\r\n")

    rig.double.answers[API, "/a"] = endless
    with pytest.raises(MediaTooLarge):
        rig.fetch()
    with pytest.raises(MediaTooLarge):
        rig.web().ask("nobody", Outgoing("GET", f"https://{API}/a"), HOSTS)


def test_a_body_of_just_the_most_is_taken(rig: Rig) -> None:
    rig.double.tell(API, "/a", answer(200, bytes(100_000)))
    rig.double.tell(API, "/b", chunked(200), b"186a0\r\n" + bytes(100_000) + b"\r\n0\r\n\r\n")
    assert rig.fetch() == rig.fetch(f"https://{API}/b") == bytes(100_000)


TRUNCATED = {
    "of a told length": [answer(200, b"sound", content_length="6")],
    "within a chunk": [chunked(200), b"9\r\nsound"],
    "between chunks": [chunked(200), b"5\r\nsound\r\n"],
    "within a chunk's length": [chunked(200), b"5\r\nsound\r\n1"],
    "within the last chunk's length": [chunked(200), b"5\r\nsound\r\n0"],
    "no chunk at all": [chunked(200), b"sound\r\n"],
    "within the headers": [b"HTTP/1.1 200 Told\r\nContent-Le"],
    "before anything": [],
    "no HTTP": [b"SSH-2.0-OpenSSH_9.6\r\n"],
    "two lengths": [b"HTTP/1.1 200 Told\r\nContent-Length: 5\r\nContent-Length: 2\r\n\r\nsound"],
}


@pytest.mark.parametrize("pieces", TRUNCATED.values(), ids=TRUNCATED)
def test_what_breaks_off_or_is_broken_is_to_be_tried_again(rig: Rig, pieces: list[bytes]) -> None:
    rig.double.tell(API, "/a", *pieces)
    with pytest.raises(ProviderUnreachable):
        rig.fetch()
    with pytest.raises(ProviderUnreachable):
        rig.web().ask("nobody", Outgoing("GET", f"https://{API}/a"), HOSTS)


def test_a_body_without_a_length_is_whole_only_where_tls_says_that_it_ends() -> None:
    for whole in (True, False):
        with double(close_notify=whole) as made:
            rig = Rig(made, Names(made.port))
            made.tell(API, "/a", b"HTTP/1.1 200 Told\r\n\r\n", b"sound")
            made.tell(API, "/b", answer(200, b"sound"))
            assert rig.fetch(f"https://{API}/b") == b"sound"
            if whole:
                assert rig.fetch() == b"sound"
                continue
            with pytest.raises(ProviderUnreachable):
                rig.fetch()


DRIPS = {
    "the body": answer(200, content_length="9999"),
    "a chunk's length": chunked(200),
    "the headers": b"HTTP/1.1 200 Told\r\nX-Slow: ",
    "the status": b"",
}


@pytest.mark.parametrize("before", DRIPS.values(), ids=DRIPS)
@pytest.mark.parametrize("how", ["stream", "ask"])
def test_a_byte_now_and_then_does_not_hold_us_past_the_deadline(rig: Rig, before: bytes, how: str) -> None:
    def drip() -> Iterator[bytes]:
        yield before
        for _ in range(9_000):
            time.sleep(0.002)
            yield b"0"

    rig.double.answers[API, "/a"] = drip
    web, began = (
        rig.web(Limits(answer_bytes=10_000, answer_seconds=20, media_seconds=20), clock=ticking()),
        time.monotonic(),
    )
    with pytest.raises(ProviderUnreachable, match="longer than it may"):
        rig.fetch(web=web) if how == "stream" else web.ask("nobody", Outgoing("GET", f"https://{API}/a"), HOSTS)
    assert time.monotonic() - began < 2


def test_the_deadline_is_one_for_all_redirects(rig: Rig) -> None:
    rig.double.tell(API, "/a", answer(302, Location="/b"))
    rig.double.tell(API, "/b", answer(200, b"sound"))
    with pytest.raises(ProviderUnreachable, match="longer than it may"):
        rig.fetch(web=rig.web(clock=ticking(4)))


def test_silence_is_not_waited_for_longer_than_a_step_may_take(rig: Rig) -> None:
    gave_up, ended = threading.Event(), threading.Event()

    def silent() -> Iterator[bytes]:
        yield answer(200, b"so", content_length="5")
        gave_up.wait(30)
        ended.set()

    rig.double.answers[API, "/a"] = silent
    with pytest.raises(ProviderUnreachable):
        rig.fetch(web=rig.web(Limits(step_seconds=0.2)))
    assert not ended.is_set()
    gave_up.set()


def test_a_body_is_taken_as_it_comes_never_unpacked(rig: Rig) -> None:
    packed = gzip.compress(bytes(1_000_000))
    rig.double.tell(API, "/a", answer(200, packed, Content_Encoding="gzip"))
    assert rig.fetch() == packed


def test_what_the_reader_raises_itself_is_passed_on(rig: Rig) -> None:
    rig.double.tell(API, "/a", answer(200, bytes(90_000)))

    def spoil() -> None:
        with rig.web().stream("nobody", Outgoing("GET", f"https://{API}/a"), HOSTS) as stream:
            stream.read(1)
            raise OSError("disk full")

    with pytest.raises(OSError, match="disk full"):
        spoil()


def test_a_rehearsal_goes_to_its_endpoint_with_the_real_host_and_the_same_rules() -> None:
    with double(tls=False) as made:
        made.tell(API, "/a", answer(302, Location=f"https://{MEDIA}/b"))
        made.tell(MEDIA, "/b", answer(200, b"sound"))
        rig = Rig(made, Names(0))
        web = GuardedWeb(LIMITS, {"nobody": f"http://127.0.0.1:{made.port}"}, World(rig.names.resolve))
        assert rig.fetch(web=web) == b"sound"
        assert (rig.hosts(), rig.names.asked) == ([API, MEDIA], [])
        for url in (f"http://{API}/a", f"https://{ELSEWHERE}/a", f"https://127.0.0.1:{made.port}/a"):
            with pytest.raises(ForbiddenAddress):
                rig.fetch(url, web)
        rig.names.told[API] = ["10.0.0.1"]
        with pytest.raises(ForbiddenAddress), web.stream("another", Outgoing("GET", f"https://{API}/a"), HOSTS):
            pass


def test_no_url_is_logged_or_told_whatever_goes_wrong(rig: Rig, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    url = f"https://{API}/recordings/0612345678?sig=hidden"
    told: list[tuple[bytes, ...]] = [
        *((answer(200, b"x"),), (answer(404),), (answer(503),), (answer(200, b"x", content_length="9"),)),
        (b"HTTP/1.1 200 Told\r\nContent-Length: 1\r\nBroken header\r\nAnother: one\r\n\r\nx",),
        (answer(302, Location="http://[hidden/0612345678"),),
        (answer(302, Location="/recordings/0612345678?sig=hidden"),),
    ]
    said = []
    for pieces in told:
        rig.double.tell(API, "/recordings/0612345678?sig=hidden", *pieces)
        try:
            rig.fetch(url)
        except SourdineError as error:
            said += traceback.format_exception(error)
    assert len(said) > 9
    for text in (*said, *(record.getMessage() for record in caplog.records), repr(Outgoing("GET", url, SECRETS))):
        assert "hidden" not in text and "0612345678" not in text and "Bearer" not in text
