"""A recording is brought here once, whatever crashes on the way, and then by policy its provider has it no more."""

from __future__ import annotations

import json
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.adapters.calls import MemoryCalls
from chalicelib.adapters.memory_web import BreaksOff
from chalicelib.errors import (
    ForbiddenAddress,
    InvalidDelivery,
    InvalidMessage,
    InvalidSettings,
    MediaTooLarge,
    ProviderRefused,
    ProviderUnreachable,
    SourdineError,
    UnknownProvider,
)
from chalicelib.law.parts import Source
from chalicelib.model import State
from chalicelib.services.fetch import fetch
from chalicelib.services.ports import Answer, Bucket, Place
from chalicelib.services.receive import receive
from chalicelib.services.refs import call_named, media_ref
from chalicelib.services.story import story_of
from chalicelib.services.told import media_plain
from chalicelib.telephony.event import Media
from chalicelib.telephony.facts import Fact, Kind
from chalicelib.telephony.providers import FETCHES
from tests.machines import NOW, Twins
from tests.policies import policy
from tests.sounds import wav

ACCOUNT, CALL, RECORDING = "AC1", "CA2", "RE3"
AT = f"https://api.twilio.com/2010-04-01/Accounts/{ACCOUNT}/Recordings/{RECORDING}"
SOUND, THERE = f"{AT}.wav?RequestedChannels=2", f"{AT}.json"
BEGAN = datetime(2026, 11, 24, 8, 30, tzinfo=UTC)
MEDIA = Media(RECORDING, CALL, AT, BEGAN, {"account": ACCOUNT, "channels": "2"})
KNOWN: dict[str, dict[str, Any]] = {
    "twilio": {"account": ACCOUNT, "token": "t"},
    "aircall": {"api_id": "id", "api_token": "t"},
    "ringcentral": {"token": "t"},
    "zoom": {"token": "t"},
    "dialpad": {"token": "t"},
    "ringover": {},
    "standard": {"hosts": ["media.example.com", ".storage.example"]},
}
TWILIO = '[sources.twilio]\nannounces = true\nqueue = "urgences"\ndelete_there = {}\n\n[sources.asterisk]'
KEPT_THERE, GONE_THERE = (policy(("[sources.asterisk]", TWILIO.format(yes))) for yes in ("false", "true"))


class Breaking(MemoryCalls):
    """Breaks off when it is told of something for the `breaks`th time."""

    __slots__ = ("breaks", "told")

    def __init__(self) -> None:
        super().__init__()
        self.breaks, self.told = 0, 0

    def tell(self, call_ref: str, fact: Fact, until: datetime) -> None:
        self.told += 1
        if self.told == self.breaks:
            raise ConnectionError("a crash")
        super().tell(call_ref, fact, until)


@dataclass
class Rig:
    """Twins, and a Twilio that has one recording."""

    twins: Twins = field(default_factory=lambda: Twins(policy=KEPT_THERE, calls=Breaking()))

    def __post_init__(self) -> None:
        self.twins.secrets.known.update(KNOWN)
        self.twins.web.tell("GET", SOUND, Answer(200, {}, wav()))

    def fetch(self, media: Media = MEDIA, provider: str = "twilio", source: str = "") -> str:
        return fetch(self.twins.machine, message(media, provider, source), NOW)

    def place(self, media: Media = MEDIA, provider: str = "twilio") -> Place:
        return Place(Bucket.INBOX, f"fetched/{provider}/{media_ref(self.twins.machine, provider, media.id)}")

    def breaks_at(self, number: int) -> None:
        assert isinstance(self.twins.calls, Breaking)
        self.twins.calls.breaks = number

    def story(self) -> Any:
        return story_of(self.twins.machine, call_named(self.twins.machine, "twilio", CALL))

    def asked(self) -> list[str]:
        return [f"{outgoing.method} {outgoing.url}" for _, outgoing in self.twins.web.asked]


@pytest.fixture
def rig() -> Rig:
    return Rig()


@pytest.fixture
def deleting() -> Rig:
    """By policy Twilio is to have it no more."""
    return Rig(Twins(policy=GONE_THERE, calls=Breaking()))


def message(media: Media = MEDIA, provider: str = "twilio", source: str = "") -> Mapping[str, Any]:
    """As the queue brings it."""
    said = {"provider": provider, "source": source or provider, "media": media_plain(media)}
    return dict(json.loads(json.dumps(said)))


def deleted(rig: Rig, *looks: Answer) -> None:
    rig.twins.web.tell("DELETE", THERE, Answer(204, {}), Answer(404, {}))
    rig.twins.web.tell("GET", THERE, *looks)


def test_a_recording_is_brought_into_the_inbox_with_what_its_event_says(rig: Rig) -> None:
    assert rig.fetch() == "fetched"
    assert rig.twins.objects.lying() == {("inbox", rig.place().key)}
    found = rig.twins.objects.info(rig.place())
    assert found.metadata == {"source": "twilio", "call-id": CALL, "started-at": "2026-11-24T08:30:00+00:00"}
    assert rig.twins.objects.get(rig.place()) == wav()
    [(provider, asked)] = rig.twins.web.asked
    assert (provider, asked.method, asked.url) == ("twilio", "GET", SOUND)
    assert rig.story().fetched == {rig.place().key.rpartition("/")[2]}


def test_its_key_is_opaque(rig: Rig) -> None:
    rig.fetch()
    key = rig.place().key
    assert not [name for name in (RECORDING, CALL, ACCOUNT) if name in key]
    assert key.isascii() and key.removeprefix("fetched/twilio/").isalnum()


def test_what_is_brought_is_received_as_a_recording_of_its_call(rig: Rig) -> None:
    ref = call_named(rig.twins.machine, "twilio", CALL)
    rig.twins.calls.tell(ref, Fact(Kind.STARTED, BEGAN, language="fr-FR"), NOW)
    rig.fetch()
    recording = receive(rig.twins.machine, rig.place().key, None, NOW)
    assert (recording.state, recording.queue, recording.started_at) == (State.JUDGED, "urgences", BEGAN)
    assert recording.call_ref == ref
    assert "inbox" not in rig.twins.buckets()


def test_a_recording_that_begins_at_no_known_moment_is_brought_without_one(rig: Rig) -> None:
    rig.fetch(replace(MEDIA, started_at=None))
    assert rig.twins.objects.info(rig.place()).metadata == {"source": "twilio", "call-id": CALL}


def test_a_second_delivery_does_nothing_even_after_it_was_received(rig: Rig) -> None:
    rig.fetch()
    assert rig.fetch() == "nothing"
    receive(rig.twins.machine, rig.place().key, None, NOW)
    assert rig.fetch() == "nothing"
    assert rig.asked() == [f"GET {SOUND}"]
    assert "inbox" not in rig.twins.buckets()


def test_two_recordings_of_one_call_are_two(rig: Rig) -> None:
    other = replace(MEDIA, id="RE4")
    rig.twins.web.tell("GET", SOUND.replace(RECORDING, "RE4"), Answer(200, {}, wav(milliseconds=3_000)))
    assert [rig.fetch(), rig.fetch(other)] == ["fetched", "fetched"]
    received = {receive(rig.twins.machine, rig.place(each).key, None, NOW).id for each in (MEDIA, other)}
    assert len(received) == 2


def test_a_crash_before_it_was_written_down_brings_it_again_as_the_same_recording(rig: Rig) -> None:
    rig.breaks_at(1)
    with pytest.raises(ConnectionError):
        rig.fetch()
    first = rig.twins.objects.info(rig.place()).version
    assert rig.story().fetched == frozenset()
    assert rig.fetch() == "fetched"
    second = rig.twins.objects.info(rig.place()).version
    assert first != second and rig.asked() == [f"GET {SOUND}"] * 2
    rows = [receive(rig.twins.machine, rig.place().key, version, NOW) for version in (first, second)]
    assert rows[0].id == rows[1].id
    assert [row.id for row in rig.twins.recordings.of_call(rows[0].call_ref)] == [rows[0].id]
    assert "inbox" not in rig.twins.buckets()


def test_a_crash_after_the_first_was_received_makes_no_second_recording(rig: Rig) -> None:
    rig.breaks_at(1)
    with suppress(ConnectionError):
        rig.fetch()
    first = receive(rig.twins.machine, rig.place().key, None, NOW)
    rig.fetch()
    assert receive(rig.twins.machine, rig.place().key, None, NOW).id == first.id
    assert len(list(rig.twins.recordings.of_call(first.call_ref))) == 1


@pytest.mark.parametrize("error", [ProviderUnreachable("broke off"), MediaTooLarge("too much")])
def test_what_breaks_off_midway_leaves_nothing(rig: Rig, error: SourdineError) -> None:
    rig.twins.web.tell("GET", SOUND, BreaksOff(wav()[:999], error), Answer(200, {}, wav()))
    with pytest.raises(type(error)):
        rig.fetch()
    assert (rig.twins.objects.lying(), rig.story().fetched) == (set(), frozenset())
    assert rig.fetch() == "fetched"
    assert rig.twins.objects.get(rig.place()) == wav()


@pytest.mark.parametrize(
    ("status", "raised"),
    [
        *((status, ProviderUnreachable) for status in (202, 429, 500, 503)),
        *((status, ProviderRefused) for status in (204, 206, 302, 401, 403, 404, 410)),
    ],
)
def test_an_answer_without_a_recording_is_none(deleting: Rig, status: int, raised: type[SourdineError]) -> None:
    deleting.twins.web.tell("GET", SOUND, Answer(status, {}, b"{}"))
    with pytest.raises(raised):
        deleting.fetch()
    assert deleting.twins.objects.lying() == set()
    assert deleting.asked() == [f"GET {SOUND}"], "what is not here is not deleted there"


ASSET, FRESH = "https://api.aircall.io/v1/calls/81", "https://recordings.aircall.io/81.mp3?fresh"
OLD = Media("81", "81", "https://recordings.aircall.io/81.mp3?lapsed")


def test_an_address_that_lapses_is_asked_for_again_and_ours_is_not_shown_to_whoever_keeps_it(rig: Rig) -> None:
    rig.twins.web.tell("GET", ASSET, Answer(200, {}, json.dumps({"call": {"id": 81, "recording": FRESH}}).encode()))
    rig.twins.web.tell("GET", FRESH, Answer(200, {}, wav()))
    assert rig.fetch(OLD, "aircall") == "fetched"
    assert rig.asked() == [f"GET {ASSET}", f"GET {FRESH}"]
    again, sound = (outgoing.headers for _, outgoing in rig.twins.web.asked)
    assert (again["authorization"], sound) == ("Basic aWQ6dA==", {})
    assert rig.twins.objects.info(rig.place(OLD, "aircall")).metadata == {"source": "aircall", "call-id": "81"}
    assert rig.fetch(OLD, "aircall") == "nothing"
    assert len(rig.asked()) == 2


@pytest.mark.parametrize(
    ("answer", "raised"),
    [
        (Answer(404, {}), ProviderRefused),
        (Answer(302, {"location": FRESH}), ProviderRefused),
        (Answer(503, {}), ProviderUnreachable),
        (Answer(200, {}, b"{}"), InvalidDelivery),
        (Answer(200, {}, b'{"call": {"recording": null}}'), InvalidDelivery),
        (Answer(200, {}, b"<html>"), InvalidDelivery),
        (Answer(200, {}, b'{"call": {"recording": "https://evil.test/81.mp3"}}'), ForbiddenAddress),
        (Answer(200, {}, b'{"call": {"recording": "https://169.254.169.254/81.mp3"}}'), ForbiddenAddress),
    ],
)
def test_an_address_that_is_not_given_or_leads_elsewhere_is_not_opened(
    rig: Rig, answer: Answer, raised: type[SourdineError]
) -> None:
    rig.twins.web.tell("GET", ASSET, answer)
    with pytest.raises(raised):
        rig.fetch(OLD, "aircall")
    assert (rig.asked(), rig.twins.objects.lying()) == ([f"GET {ASSET}"], set())


def test_without_the_policy_nothing_is_deleted_there(rig: Rig) -> None:
    deleted(rig, Answer(404, {}))
    rig.fetch()
    rig.fetch()
    assert rig.asked() == [f"GET {SOUND}"]


def test_by_policy_it_is_deleted_there_once_and_looked_for(deleting: Rig) -> None:
    deleted(deleting, Answer(404, {}))
    assert deleting.fetch() == "deleted-there"
    assert deleting.asked() == [f"GET {SOUND}", f"DELETE {THERE}", f"GET {THERE}"]
    assert deleting.story().gone == deleting.story().fetched
    assert deleting.fetch() == "nothing"
    assert len(deleting.asked()) == 3
    assert deleting.twins.objects.get(deleting.place()) == wav()


@pytest.mark.parametrize("look", [404, 410])
@pytest.mark.parametrize("status", [200, 202, 204, 404, 410])
def test_what_is_gone_already_is_gone(deleting: Rig, status: int, look: int) -> None:
    deleting.twins.web.tell("DELETE", THERE, Answer(status, {}))
    deleting.twins.web.tell("GET", THERE, Answer(look, {}))
    assert deleting.fetch() == "deleted-there"


@pytest.mark.parametrize("status", [200, 204, 401, 403])
def test_what_is_still_there_is_deleted_again_and_not_fetched_again(deleting: Rig, status: int) -> None:
    deleted(deleting, Answer(status, {}), Answer(404, {}))
    with pytest.raises(ProviderUnreachable, match="still has"):
        deleting.fetch()
    assert (len(deleting.story().fetched), deleting.story().gone) == (1, frozenset())
    assert deleting.fetch() == "deleted-there"
    assert deleting.asked() == [f"GET {SOUND}", *[f"DELETE {THERE}", f"GET {THERE}"] * 2]


@pytest.mark.parametrize(
    ("status", "raised"), [(401, ProviderRefused), (409, ProviderRefused), (503, ProviderUnreachable)]
)
def test_a_deletion_that_is_refused_is_not_believed(deleting: Rig, status: int, raised: type[SourdineError]) -> None:
    deleting.twins.web.tell("DELETE", THERE, Answer(status, {}))
    with pytest.raises(raised):
        deleting.fetch()
    assert deleting.asked() == [f"GET {SOUND}", f"DELETE {THERE}"]
    deleted(deleting, Answer(404, {}))
    assert deleting.fetch() == "deleted-there"
    assert deleting.asked().count(f"GET {SOUND}") == 1


def test_a_crash_after_the_deletion_looks_again_and_writes_it_down(deleting: Rig) -> None:
    deleted(deleting, Answer(404, {}))
    deleting.breaks_at(2)
    with pytest.raises(ConnectionError):
        deleting.fetch()
    assert deleting.fetch() == "deleted-there"
    assert deleting.story().gone == deleting.story().fetched
    assert deleting.asked().count(f"GET {SOUND}") == 1


def test_a_policy_that_changes_later_deletes_what_was_fetched_before(rig: Rig) -> None:
    rig.fetch()
    rig.twins.policy = GONE_THERE
    deleted(rig, Answer(404, {}))
    assert rig.fetch() == "deleted-there"


def test_a_provider_that_knows_no_deletion_is_said_to_keep_it(rig: Rig) -> None:
    lawful, wished = rig.twins.policy, Source(announces=True, delete_there=True)  # `load` refuses it
    rig.twins.policy = lawful.model_copy(update={"sources": lawful.sources | {"ringover": wished}})
    media = Media("c1", "1", "https://cdn.ringover.com/1.mp3")
    rig.twins.web.tell("GET", media.url, Answer(200, {}, wav()))
    assert [rig.fetch(media, "ringover") for _ in range(2)] == ["cannot-delete-there"] * 2
    assert rig.asked() == [f"GET {media.url}"]
    assert rig.twins.objects.get(rig.place(media, "ringover")) == wav()


@pytest.mark.parametrize(
    "url",
    [
        "https://evil.test/1.mp3",
        "https://ringover.com.evil.test/1.mp3",
        "https://evilringover.com/1.mp3",
        "http://cdn.ringover.com/1.mp3",
        "https://cdn.ringover.com:8443/1.mp3",
        "https://cdn.ringover.com@evil.test/1.mp3",
        "https://169.254.169.254/latest/meta-data",
        "file:///etc/passwd",
        "",
    ],
)
def test_a_host_that_is_not_the_providers_is_never_asked(rig: Rig, url: str) -> None:
    with pytest.raises(ForbiddenAddress):
        rig.fetch(Media("c1", "1", url), "ringover")
    assert (rig.asked(), rig.twins.objects.lying()) == ([], set())


@pytest.mark.parametrize("host", ["media.example.com", "eu.storage.example"])
def test_the_settings_name_other_hosts(rig: Rig, host: str) -> None:
    media = Media("r-1", "pbx-42", f"https://{host}/r-1.wav", BEGAN)
    rig.twins.web.tell("GET", media.url, Answer(200, {}, wav()))
    assert rig.fetch(media, "standard", "pbx") == "fetched"
    found = rig.twins.objects.info(rig.place(media, "standard")).metadata
    assert (found["source"], found["call-id"]) == ("pbx", "pbx-42")
    recording = receive(rig.twins.machine, rig.place(media, "standard").key, None, NOW)
    assert recording.call_ref == call_named(rig.twins.machine, "pbx", "pbx-42")


@pytest.mark.parametrize("host", ["example.com", "xmedia.example.com", "storage.example", "a.media.example.com"])
def test_a_host_is_a_whole_name_or_an_ending_of_whole_labels(rig: Rig, host: str) -> None:
    with pytest.raises(ForbiddenAddress):
        rig.fetch(Media("r-1", "pbx-42", f"https://{host}/r-1.wav"), "standard")


@pytest.mark.parametrize("hosts", ["media.example.com", [""], ["."], ["..."], [7], {"a": 1}, None, 7, [None]])
def test_hosts_that_would_let_anything_in_are_a_mistake_of_the_settings(rig: Rig, hosts: Any) -> None:
    rig.twins.secrets.known["standard"] = {"hosts": hosts}
    with pytest.raises(InvalidSettings, match="`hosts`"):
        rig.fetch(Media("r-1", "pbx-42", "https://media.example.com/r-1.wav"), "standard")
    assert rig.asked() == []


def test_a_provider_whose_secret_was_not_set_is_asked_nothing(rig: Rig) -> None:
    rig.twins.secrets.known.clear()
    with pytest.raises(UnknownProvider):
        rig.fetch()
    assert rig.asked() == []


WHOLE = message()


def with_media(name: str, value: Any) -> dict[str, Any]:
    return {**WHOLE, "media": {**WHOLE["media"], name: value}}


ODD_MEDIA: list[Any] = [None, [], "", 7, {}, [["id", "RE3"]]]
ODD_VALUES: dict[str, list[Any]] = {
    "id": [None, 7, [], "\ud800"],
    "call-id": [None, 7, {}, "\udfff"],
    "url": [None, 7, []],
    "started-at": [0, "soon", [], True, {}],
    "ids": [None, 7, "ab", {"account": 1}, [[[], 1]]],
}
BROKEN: list[Any] = [
    {},
    {"provider": "twilio"},
    {**WHOLE, "provider": "nobody"},
    {**WHOLE, "provider": ["twilio"]},
    {**WHOLE, "source": 7},
    {**WHOLE, "source": "\ud800"},
    *({**WHOLE, "media": media} for media in ODD_MEDIA),
    *(with_media(name, value) for name, values in ODD_VALUES.items() for value in values),
]


@pytest.mark.parametrize("said", BROKEN, ids=lambda said: json.dumps(said)[:100])
def test_a_message_of_another_shape_is_refused(rig: Rig, said: dict[str, Any]) -> None:
    with pytest.raises(InvalidMessage):
        fetch(rig.twins.machine, said, NOW)
    assert (rig.asked(), rig.twins.objects.lying()) == ([], set())


ODD = st.sampled_from([0, 10**400, 1e400, True, "\ud800", "\x00", "", "..", "2026-11-24T09:30:00+01:00", "twilio"])
TEXT = st.text(st.characters(), max_size=10)
LEAVES = ODD | st.none() | st.integers() | st.floats() | TEXT
ANY = st.recursive(LEAVES, lambda each: st.lists(each, max_size=3) | st.dictionaries(TEXT, each, max_size=3))
NAMES = st.sampled_from(["provider", "source", "media"]), st.sampled_from(sorted(WHOLE["media"]))
PROVIDERS = st.sampled_from(sorted(FETCHES))


@st.composite
def changed(draw: st.DrawFn) -> dict[str, Any]:
    """A whole message of any provider with one or two of its values changed."""
    media = dict(WHOLE["media"])
    said: dict[str, Any] = {"provider": draw(PROVIDERS), "source": "twilio", "media": media}
    for _ in range(draw(st.integers(1, 2))):
        media[draw(NAMES[1])] = draw(ANY | st.dictionaries(st.just("account"), ANY))
    if draw(st.booleans()):
        said[draw(NAMES[0])] = draw(ANY)
    return said


MESSAGES = st.dictionaries(TEXT, ANY, max_size=3) | changed()


@given(MESSAGES)
def test_whatever_the_queue_brings_nothing_but_our_own_errors_comes_of_it(said: dict[str, Any]) -> None:
    with suppress(SourdineError):
        fetch(Rig().twins.machine, said, NOW)


def test_what_is_fetched_of_one_provider_is_not_taken_for_anothers(rig: Rig) -> None:
    rig.fetch()
    rig.twins.web.tell("GET", "https://zoom.us/RE3", Answer(200, {}, wav(milliseconds=3_000)))
    assert rig.fetch(Media(RECORDING, CALL, "https://zoom.us/RE3"), "zoom", "twilio") == "fetched"
    assert len(rig.story().fetched) == 2
