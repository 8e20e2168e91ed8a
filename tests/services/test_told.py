"""What is said of a call, as a queue's message: all that the machine needs of it, and nobody's name or number."""

from __future__ import annotations

import json
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.errors import InvalidMessage
from chalicelib.services.refs import agent_named, call_named
from chalicelib.services.told import UNKNOWN_QUEUE, Told, media_from, media_plain, opaque, told_from, told_plain
from chalicelib.telephony.event import CallEvent, Happened, Media
from chalicelib.telephony.facts import ALWAYS, Fact, Kind
from tests.machines import NOW, Twins

MACHINE = Twins().machine
IDS = st.text(st.characters(min_codepoint=0x21, max_codepoint=0x7E), min_size=1, max_size=20)
TEXTS = st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=20)
ZONES = st.sampled_from([UTC, timezone(timedelta(hours=1)), timezone(-timedelta(hours=3, minutes=30))])
MOMENTS = st.datetimes(datetime(2000, 1, 2), datetime(2199, 12, 30), timezones=ZONES)
OF_A_CALL = st.dictionaries(IDS, TEXTS, max_size=3)
MEDIA = st.builds(Media, IDS, IDS, IDS.map("https://media.example.com/{}".format), st.none() | MOMENTS, OF_A_CALL)
PERSONS = st.integers(0, 10**6).map("camille.n{:07}@example.com".format)
LINES = st.integers(0, 10**8 - 1).map("+336{:08}".format)
EVENTS = st.builds(
    CallEvent,
    st.sampled_from(["twilio", "standard", "connect"]),
    st.sampled_from(Happened),
    IDS,
    st.none() | MOMENTS,
    root_id=st.none() | IDS,
    started_at=st.none() | MOMENTS,
    agent=st.none() | PERSONS | st.just("3290"),
    lines=st.lists(LINES, max_size=3).map(tuple),
    queue=st.none() | st.just("urgences") | TEXTS,
    language=st.none() | st.just("fr-FR") | TEXTS,
    outbound=st.none() | st.booleans(),
    announced=st.none() | st.booleans(),
    agent_channel=st.sampled_from([None, 0, 1]),
    media=st.lists(MEDIA, max_size=2).map(tuple),
    ids=OF_A_CALL,
)
EVENT = CallEvent(
    "standard",
    Happened.RECORDING,
    "pbx-42",
    NOW,
    root_id="pbx-41",
    started_at=NOW,
    agent="Camille.Exemple@example.com",
    lines=("+33639981234", "1004"),
    queue="urgences",
    language="fr-FR",
    announced=True,
    media=(Media("r-1", "pbx-42", "https://media.example.com/r-1.wav", NOW),),
    ids={"source": "pbx"},
)
WHOLE = told_plain(opaque(MACHINE, EVENT, NOW))


def by_queue(told: Told) -> Told:
    return told_from(json.loads(json.dumps(told_plain(told))))


@given(EVENTS)
def test_what_goes_through_a_queue_comes_out_as_it_was(event: CallEvent) -> None:
    told = opaque(MACHINE, event, NOW)
    assert by_queue(told) == told
    assert by_queue(told).source == told.source


@given(EVENTS)
def test_no_person_and_no_number_goes_through_it(event: CallEvent) -> None:
    message = json.dumps(told_plain(opaque(MACHINE, event, NOW)), ensure_ascii=False).casefold()
    for line in event.lines:
        assert line not in message and line.removeprefix("+33") not in message
    if event.agent and event.agent != "3290":
        assert event.agent.casefold() not in message
        assert agent_named(MACHINE, event.agent) in message


def test_an_event_is_told_under_its_references() -> None:
    told = opaque(MACHINE, EVENT, NOW)
    assert (told.provider, told.source, told.call_id) == ("standard", "pbx", "pbx-42")
    assert (told.ref, told.root) == (call_named(MACHINE, "pbx", "pbx-42"), call_named(MACHINE, "pbx", "pbx-41"))
    (said, announced, caller) = told.facts
    assert (said.kind, said.at, said.queue, said.language) == (Kind.RECORDED, NOW, "urgences", "fr-FR")
    assert said.agent_ref == agent_named(MACHINE, "camille.exemple@EXAMPLE.com ")
    assert announced == Fact(Kind.ANNOUNCED, NOW, yes=True)
    assert caller == Fact(Kind.WITH, ALWAYS, about=MACHINE.identities.of("tel:+33639981234")[0])


def test_what_nobody_dated_happened_now() -> None:
    assert opaque(MACHINE, replace(EVENT, at=None), NOW + timedelta(1)).facts[0].at == NOW + timedelta(1)


def test_a_call_is_no_leg_of_itself() -> None:
    assert opaque(MACHINE, replace(EVENT, root_id="pbx-42"), NOW).root == ""
    assert opaque(MACHINE, replace(EVENT, root_id=None), NOW).root == ""


def test_a_queue_that_the_policy_does_not_know_is_none_that_it_knows() -> None:
    names = [opaque(MACHINE, replace(EVENT, queue=name), NOW).facts[0].queue for name in (None, "Camille", "urgences")]
    assert names == ["", UNKNOWN_QUEUE, "urgences"]


@pytest.mark.parametrize("where", [{"agent": "3290"}, {"lines": ("+33639981234", "3290")}])
def test_a_line_that_is_never_recorded_is_told_without_its_number(where: dict[str, Any]) -> None:
    told = opaque(MACHINE, replace(EVENT, **where), NOW)
    assert Fact(Kind.MANDATE, NOW) in told.facts
    assert "3290" not in json.dumps(told_plain(told))
    assert Kind.MANDATE not in {fact.kind for fact in opaque(MACHINE, EVENT, NOW).facts}


def test_the_address_of_a_recording_is_not_printed() -> None:
    assert "media.example.com" not in repr(opaque(MACHINE, EVENT, NOW))


BAD = st.sampled_from([0, 1e400, True, "\ud800", "", [], {}, [["a", []]], {"kind": []}]) | st.none() | st.floats()
JSON = st.recursive(BAD | TEXTS, lambda each: st.lists(each, max_size=3) | st.dictionaries(TEXTS, each, max_size=3))


@given(
    st.dictionaries(TEXTS, JSON, max_size=3) | st.dictionaries(st.sampled_from(sorted(WHOLE)), JSON).map(WHOLE.__or__)
)
def test_a_message_of_another_shape_is_refused_or_is_a_message(said: dict[str, Any]) -> None:
    with suppress(InvalidMessage):
        assert by_queue(told_from(said)) == told_from(said)


@pytest.mark.parametrize("name", WHOLE)
@pytest.mark.parametrize("value", [None, 7, True, [7], [[]], {"a": 1}, "\ud800"], ids=repr)
def test_each_part_of_a_message_has_its_shape(name: str, value: Any) -> None:
    with pytest.raises(InvalidMessage):
        told_from(WHOLE | {name: value})
    with pytest.raises(InvalidMessage):
        told_from({each: said for each, said in WHOLE.items() if each != name})


@pytest.mark.parametrize(
    "fact",
    [
        {},
        {"kind": "started"},
        {"at": NOW.isoformat()},
        {"kind": "nonsense", "at": NOW.isoformat()},
        {"kind": "started", "at": "soon"},
        {"kind": "started", "at": 0},
        {"kind": "started", "at": NOW.isoformat(), "started_at": ""},
        {"kind": "started", "at": NOW.isoformat(), "agent_channel": 1e400},
        {"kind": "started", "at": NOW.isoformat(), "agent_channel": "left"},
    ],
    ids=str,
)
def test_what_is_no_fact_is_refused(fact: Any) -> None:
    with pytest.raises(InvalidMessage):
        told_from(WHOLE | {"facts": [fact]})


@given(MEDIA)
def test_a_recording_comes_out_as_it_was(media: Media) -> None:
    assert media_from(json.loads(json.dumps(media_plain(media)))) == media
