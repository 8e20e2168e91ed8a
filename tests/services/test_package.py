"""What is handed over, what is not and why, and what happens to it meanwhile."""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from typing import Any, BinaryIO
from uuid import UUID

import jsonschema
import pytest

from chalicelib.adapters.memory import MemoryObjects
from chalicelib.law.request import Right, Told
from chalicelib.law.texts import texts
from chalicelib.model import Hold, HoldKind, Off, Reason, Recording, State, Stretch, Switch
from chalicelib.services import places
from chalicelib.services.data import schema
from chalicelib.services.hold import hold
from chalicelib.services.package import pack
from chalicelib.services.ports import Mark, Place
from chalicelib.telephony.facts import ALWAYS, Fact, Kind
from tests.audio.coded import encoded
from tests.machines import CALL, NOW
from tests.policies import policy
from tests.services.packing import ACCESS, AGENT, CALLER, OF_AGENT, PORTABILITY, House, channels
from tests.sounds import wav

MP3 = encoded("mp3", "libmp3lame", 8000, 2, 32, 3)
WAV = "recordings/01-2026-11-24T0930.wav"
VCON = ('languages = ["fr-FR", "en-GB"]', 'languages = ["fr-FR", "en-GB"]\nrequests = {vcon = true}')
MASKED = (VCON[0], f'{VCON[0]}\nrequests = {{other_voice = "masked", vcon = true}}')


def told(packed: Any) -> dict[str, int]:
    return {each.code: each.count for each in packed.told}


def test_a_caller_is_given_the_letter_the_data_and_the_redacted_sound_with_its_words() -> None:
    house = House()
    recording = house.call()
    packed = house.packed()
    files = house.files()
    stem = WAV.removesuffix(".wav")
    assert list(files) == [
        "answer.html", "answer.pdf", "data.json", "schema.json", WAV, f"{stem}.txt", f"{stem}.json", "index.json"
    ]  # fmt: skip
    assert files[WAV] == house.objects.get(places.audio(recording.id))
    assert files[f"{stem}.txt"].decode() == "ch_0: [carte]\nch_1: bien merci"
    assert b"4111" not in b"".join(files.values())
    assert (told(packed), packed.recordings) == ({"recordings-copied": 1}, (recording.id,))
    assert packed.until == date(2026, 12, 1)
    assert b"jointe" in files["answer.html"] and files["answer.pdf"].startswith(b"%PDF-")


def test_the_index_has_size_and_hash_of_every_other_file_and_the_package_its_own() -> None:
    house = House()
    house.call()
    packed, files = house.packed(), house.files()
    index = {each["name"]: each for each in json.loads(files.pop("index.json"))["files"]}
    assert index.keys() == files.keys()
    for name, body in files.items():
        assert index[name] == {"name": name, "size": len(body), "sha256": hashlib.sha256(body).hexdigest()}
    assert packed.sha256 == hashlib.sha256(house.objects.get(places.export("rq1", packed.attempt))).hexdigest()
    assert house.objects.info(places.export("rq1", packed.attempt)).content_type == "application/zip"


@pytest.mark.parametrize("request_", [ACCESS, OF_AGENT, PORTABILITY, replace(ACCESS, right=Right.ERASURE)])
def test_the_data_is_of_the_shape_that_the_schema_beside_it_says(request_: Any) -> None:
    house = House()
    recording = house.changed(house.call(), queue="souscription")
    house.machine.note(recording, "listened:training", NOW, "supervisor:abc")
    house.calls.tell(recording.call_ref, Fact(Kind.STARTED, NOW, agent_ref=AGENT, queue="urgences"), NOW)
    house.calls.tell(recording.call_ref, Fact(Kind.ANSWERED, NOW, yes=True, about="lawful"), NOW)
    house.switches.turn(AGENT, Switch(NOW, "agent"), Off(Reason.PERSONAL, Stretch(None, NOW)), NOW)
    house.acknowledgements.add(AGENT, "2026-1", NOW, date(2031, 1, 1))
    house.theirs(replace(recording, call_ref="call-of-no-recording"))
    house.calls.tell("call-of-no-recording", Fact(Kind.OBJECTED, NOW, about="somebody"), NOW)
    house.packed(request_)
    files = house.files(request_)
    assert files["schema.json"] == schema()
    jsonschema.Draft202012Validator.check_schema(json.loads(schema()))
    checker = jsonschema.Draft202012Validator(json.loads(schema()), format_checker=jsonschema.FormatChecker())
    assert [error.message for error in checker.iter_errors(json.loads(files["data.json"]))] == []


def test_of_others_on_the_call_the_data_says_nothing() -> None:
    house = House()
    recording = house.call(agent_ref=AGENT)
    house.machine.note(house.machine.recording(recording.id), "listened:training", NOW, "supervisor:abc")
    house.calls.tell(recording.call_ref, Fact(Kind.CONNECTED, NOW, agent_ref=AGENT), NOW)
    house.calls.tell(recording.call_ref, Fact(Kind.OBJECTED, NOW, about="objector"), NOW)
    house.packed()
    assert house.data()["calls"][0]["recordings"][0]["listened"] == [{"at": NOW.isoformat(), "purpose": "training"}]
    everything = b"".join(body for name, body in house.files().items() if name != "schema.json")
    for secret in (AGENT, "objector", "supervisor", CALLER):
        assert secret.encode() not in everything


@pytest.mark.parametrize("reason", ["mandate", "personal-call"])
@pytest.mark.parametrize("request_", [ACCESS, OF_AGENT], ids=["caller", "agent-beside-another"])
def test_why_an_agent_had_it_off_is_told_to_nobody_on_the_call(request_: Any, reason: str) -> None:
    house = House()
    recording = house.call()
    house.machine.end(recording, State.ERASED, reason, NOW)
    house.calls.tell(recording.call_ref, Fact(Kind.MANDATE, NOW), NOW)
    house.calls.tell(recording.call_ref, Fact(Kind.ANSWERED, NOW, yes=False, about=reason), NOW)
    house.packed(request_)
    files = house.files(request_)
    data, letter, words = files["data.json"].decode(), files["answer.html"].decode(), texts("fr")["ground"]
    assert '"agent-off"' in data and words["agent-off"] in letter
    assert reason not in data and words[reason] not in letter


def test_each_copy_is_written_down_and_leads_from_the_call_to_the_package() -> None:
    house = House()
    recording = house.call()
    house.packed()
    assert house.grounds(recording)[-1] == "copied-for-data-subject"
    assert house.people.marks(recording.call_ref, Mark.COPIED) == ["rq1"]


def test_packing_again_lies_in_the_place_of_the_older_one() -> None:
    house = House()
    house.call()
    house.packed()
    house.call(2)
    assert told(house.packed()) == {"recordings-copied": 2}
    assert house.machine.objects.versions(house.latest()) == 1
    assert sum(name.endswith(".wav") for name in house.files()) == 2


def test_that_nothing_was_found_is_packed_as_an_answer() -> None:
    house = House()
    assert told(house.packed()) == {"nothing-found": 0}
    assert list(house.files()) == ["answer.html", "answer.pdf", "data.json", "schema.json", "index.json"]


def test_what_was_told_before_is_told_still() -> None:
    house = House()
    house.call()
    before = Told("provider-keeps", 1, source="aircall")
    assert before in house.packed(replace(ACCESS, told=(before, Told("nothing-found")))).told
    assert "nothing-found" not in told(house.packed(replace(ACCESS, told=(before, Told("nothing-found")))))


def test_what_is_held_is_copied_from_where_it_lies() -> None:
    house = House()
    recording = house.call()
    claim = Hold(HoldKind.RESTRICTION, "2026-1", "dpo", date(2027, 2, 1))
    hold(house.machine, recording.id, claim, NOW)
    house.packed()
    assert WAV in house.files()
    assert house.data()["calls"][0]["recordings"][0]["held_until"] == "2027-02-01"


def test_what_cannot_be_copied_is_listed_with_its_state_and_why() -> None:
    house = House()
    working = house.theirs(house.received(key="working.wav"))
    ended = house.call(2)
    house.machine.end(ended, State.ERASED, "erased", NOW)
    aside = house.theirs(house.received(wav()[:30], "aside.wav", CALL | {"call-id": "call-3"}))
    assert (working.state, aside.state) == (State.JUDGED, State.QUARANTINED)
    packed = house.packed()
    assert told(packed) == {"not-heard-yet": 1, "ended-before": 1, "quarantined-not-copied": 1}
    assert not any(name.startswith("recordings/") for name in house.files())
    copies = {each["copy"] for call in house.data()["calls"] for each in call["recordings"]}
    assert copies == {"in-work", "ended", "quarantined"}
    (day,) = [each.source for each in packed.told if each.code == "quarantined-not-copied"]
    assert day == aside.due_on.isoformat()


def test_portability_is_for_consent_and_contract_alone() -> None:
    house = House()
    house.call(1)
    sold = house.changed(house.call(2), queue="souscription")
    packed = house.packed(PORTABILITY)
    assert told(packed) == {"recordings-copied": 1, "not-portable": 1}
    assert [each["recording"] for each in house.data(PORTABILITY)["recordings"]] == [sold.id]
    assert "calls" not in house.data(PORTABILITY)
    assert sum(name.endswith(".wav") for name in house.files(PORTABILITY)) == 1


@pytest.mark.parametrize("right", [Right.ERASURE, Right.RECTIFICATION, Right.RESTRICTION, Right.OBJECTION])
def test_any_other_right_is_answered_by_a_letter_alone(right: Right) -> None:
    house = House()
    recording = house.call()
    done = (Told("recordings-erased", 1),)
    packed = house.packed(replace(ACCESS, right=right, told=done))
    assert (packed.recordings, packed.told) == ((), done)
    assert list(house.files()) == ["answer.html", "answer.pdf", "data.json", "schema.json", "index.json"]
    assert house.people.marks(recording.call_ref, Mark.COPIED) == []


def test_an_evaluation_is_the_agents_and_not_the_callers() -> None:
    house = House()
    recording = house.call()
    kept = json.dumps({"agent": AGENT, "evaluator": "somebody", "grid": 3}).encode()
    house.objects.put(places.evaluation(recording.id), kept, "application/json", {})
    other = replace(OF_AGENT, id="rq4", agent_refs=("agent-2",))
    house.people.link("agent-2", recording.call_ref, date(2027, 5, 24))
    for request in (ACCESS, OF_AGENT, other):
        house.packed(request)
    assert not [name for name in house.files(other) if "evaluation" in name]
    assert "evaluations/01-2026-11-24T0930.json" not in house.files(ACCESS)
    assert json.loads(house.files(OF_AGENT)["evaluations/01-2026-11-24T0930.json"]) == {"grid": 3}


def test_an_agent_is_given_their_switch_and_what_they_read() -> None:
    house = House()
    house.call()
    house.switches.turn(AGENT, Switch(NOW, "agent"), Off(Reason.PERSONAL, Stretch(None, NOW)), NOW + timedelta(days=9))
    house.acknowledgements.add(AGENT, "2026-1", NOW, date(2031, 1, 1))
    house.packed(OF_AGENT)
    agent = house.data(OF_AGENT)["agent"]
    assert agent["off"] == [{"reason": "personal-call", "since": None, "until": NOW.isoformat()}]
    assert agent["acknowledgements"] == [{"version": "2026-1", "at": NOW.isoformat()}]
    house.packed(ACCESS)
    assert "agent" not in house.data(ACCESS)


@pytest.mark.parametrize(("request_", "silent"), [(ACCESS, 1), (OF_AGENT, 0)])
def test_where_the_policy_says_so_the_other_voice_is_silent_in_sound_and_words(request_: Any, silent: int) -> None:
    house = House(policy=policy(MASKED))
    recording = house.call()
    packed, files = house.packed(request_), house.files(request_)
    voices, whole = channels(files[WAV]), channels(house.objects.get(places.audio(recording.id)))
    assert not any(voices[silent])
    assert voices[1 - silent] == whole[1 - silent] and any(whole[silent])
    spoken = {1: "ch_0: [carte]\nch_1: […]", 0: "ch_0: […]\nch_1: bien merci"}[silent]
    assert files[WAV.replace(".wav", ".txt")].decode() == spoken
    written = b"".join(files[WAV.replace("wav", kind)] for kind in ("json", "vcon.json"))
    assert (b"bien" in written) == (silent == 0)
    assert told(packed) == {"recordings-copied": 1, "voice-masked": 1}


@pytest.mark.parametrize("changes", [{"agent_channel": None}, {"channels": 1}, {"agent_channel": 2}])
def test_where_nothing_tells_the_voices_apart_neither_sound_nor_words_are_given(changes: dict[str, Any]) -> None:
    house = House()
    house.changed(house.call(), **changes)
    assert told(house.packed(masked=True)) == {"withheld": 1}
    assert not any(name.startswith("recordings/") for name in house.files())
    assert told(house.packed(masked=False)) == {"recordings-copied": 1}


def test_a_format_that_silences_both_voices_at_once_gives_ones_own_words_alone() -> None:
    house = House()
    house.call(body=MP3)
    assert told(house.packed(masked=True)) == {"words-only": 1}
    names = [name for name in house.files() if name.startswith("recordings/")]
    assert [name.rpartition(".")[2] for name in names] == ["txt", "json"]
    assert b"merci" not in b"".join(house.files()[name] for name in names)


def test_a_compressed_sound_is_given_as_it_came_under_its_own_ending() -> None:
    house = House()
    recording = house.call(body=MP3)
    house.packed()
    assert house.files()[WAV.replace("wav", "mp3")] == house.objects.get(places.audio(recording.id))


def test_a_sound_without_loss_can_be_given_with_one_voice_silent() -> None:
    house = House()
    house.call(body=encoded("flac", "flac", 8000, 2, 0, 3))
    assert told(house.packed(masked=True)) == {"recordings-copied": 1, "voice-masked": 1}
    assert WAV.replace("wav", "flac") in house.files()


def test_a_vcon_names_nobody_and_knows_its_sound_by_its_hash() -> None:
    house = House(policy=policy(VCON))
    house.call()
    house.packed()
    files = house.files()
    vcon = json.loads(files[WAV.replace("wav", "vcon.json")])
    assert vcon["parties"] == [{"name": "anonymous"}, {"name": "anonymous"}]
    assert UUID(vcon["uuid"]).version == 8
    (dialog,) = vcon["dialog"]
    digest = hashlib.sha512(files[WAV]).digest()
    assert dialog["content_hash"] == "sha512-" + base64.urlsafe_b64encode(digest).decode().rstrip("=")
    assert (dialog["filename"], dialog["parties"], dialog["duration"]) == ("01-2026-11-24T0930.wav", [1, 0], 2.0)
    assert vcon["analysis"][0]["type"] == "transcript"
    assert {each["kind"] for each in vcon["attachments"][0]["body"]} == {"card"}


@dataclass
class _Racing(MemoryObjects):
    """A store in which somebody does something as soon as a recording's sound is opened for the nth time."""

    act: Callable[[], None] = lambda: None
    when: int = 1
    opened: int = field(default=0)

    def open(self, place: Place) -> BinaryIO:
        if place.key.endswith("/audio"):
            self.opened += 1
            if self.opened == self.when:
                self.act()
        return super().open(place)


@pytest.mark.parametrize("when", [1, 2, 3, 4])
def test_what_is_erased_while_it_is_packed_is_left_out_and_listed_as_ended(when: int) -> None:
    house = House()
    keep, goes = house.call(1), house.call(2)
    house.objects = _Racing(house.objects._kept, house.objects._numbers, when=when)
    house.objects.act = lambda: erase(house, goes)
    packed = house.packed()
    assert packed.recordings == (keep.id,)
    assert told(packed) == {"recordings-copied": 1, "ended-before": 1}
    assert sum(name.endswith(".wav") for name in house.files()) == 1


def erase(house: House, recording: Recording) -> None:
    house.machine.end(house.machine.recording(recording.id), State.ERASED, "erased", NOW)


def test_what_is_erased_once_all_is_written_is_not_in_what_stays() -> None:
    house = House()
    goes = house.call(1)

    class Late(MemoryObjects):
        def receive(self, stream: BinaryIO, place: Place, *more: Any) -> None:
            super().receive(stream, place, *more)
            if house.machine.recording(goes.id).state is State.AVAILABLE:
                erase(house, goes)

    house.objects = Late(house.objects._kept, house.objects._numbers)
    assert told(house.packed()) == {"ended-before": 1}
    assert not any(name.startswith("recordings/") for name in house.files())


def test_a_copy_that_the_store_has_lost_does_not_break_the_package() -> None:
    house = House()
    recording = house.call()
    house.objects.delete(places.audio(recording.id))
    assert told(house.packed()) == {"ended-before": 1}


def test_what_is_held_while_it_is_packed_is_copied_all_the_same() -> None:
    house = House()
    recording = house.call()
    house.objects = _Racing(house.objects._kept, house.objects._numbers, when=1)
    claim = Hold(HoldKind.LEGAL_CLAIM, "2026-1", "dpo", date(2027, 2, 1))
    house.objects.act = lambda: hold(house.machine, recording.id, claim, NOW) and None
    assert told(house.packed()) == {"recordings-copied": 1}


def test_nothing_is_ever_read_whole() -> None:
    house = House()
    house.call(body=wav(milliseconds=120_000))
    read: list[int] = []

    class Counting(MemoryObjects):
        def receive(self, stream: BinaryIO, place: Place, content_type: str, metadata: Any) -> None:
            body = b""
            while piece := stream.read(1 << 16):
                read.append(len(piece))
                body += piece
            super().put(place, body, content_type, {})

        def get(self, place: Place) -> bytes:
            assert not place.key.endswith("/audio"), "a sound is read in pieces"
            return super().get(place)

    house.objects = Counting(house.objects._kept, house.objects._numbers)
    pack(house.machine, ACCESS, house.found(), NOW)
    assert len(read) > 50 and max(read) == 1 << 16


def test_where_somebody_else_from_outside_is_on_the_call_nothing_is_handed_over_masked() -> None:
    house = House()
    recording = house.call()
    house.calls.tell(recording.call_ref, Fact(Kind.WITH, ALWAYS, about="person-2"), NOW)
    assert told(house.packed(masked=True)) == {"withheld": 1}
