"""An erasure leaves nothing of a person anywhere but what its receipt says, whoever races with it."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import pytest

from chalicelib.law.request import Channel, Request, Right, Status
from chalicelib.model import Hold, HoldKind, Shelf, State
from chalicelib.services import places
from chalicelib.services.erase import everywhere
from chalicelib.services.exercise import exercise
from chalicelib.services.hold import hold
from chalicelib.services.ports import Bucket, CallFile, Copied, Mark, Place, Step
from chalicelib.services.receive import receive
from chalicelib.services.reconcile import reconcile
from chalicelib.services.redact import redact
from chalicelib.services.transcribe import transcribe
from tests.machines import NOW, Twins
from tests.policies import policy
from tests.services.asked import ANNA, BRUNO, DUTY, IDS, QUALITY, arrived, asks, lying, recorded, row, vaulted, worked
from tests.sounds import wav

AUTOMATIC = policy(("[keeping]", '[requests]\nrelease = "automatic"\n\n[keeping]'))
CLAIM = Hold(HoldKind.LEGAL_CLAIM, "2026/17", "dpo", date(2027, 11, 24))


def erased(twins: Twins, who: str = ANNA, name: str = "r1") -> Request:
    """An erasure that nobody has to decide on, carried out."""
    twins.policy = AUTOMATIC
    asks(twins, Right.ERASURE, who, name)
    worked(twins)
    return twins.requests.rows[name]


def counts(request: Request) -> dict[str, int]:
    return {told.code: told.count for told in request.told}


def test_nothing_is_left_of_the_person_but_rows_that_say_erased() -> None:
    twins = Twins()
    own, other = [recorded(twins, 0), recorded(twins, 1)], recorded(twins, 2, BRUNO)
    request = erased(twins)
    assert request.state is Status.ANSWERED
    for each in own:
        left = row(twins, each)
        assert (left.state, left.agent_ref, left.started_at, left.queue, left.duration_ms) == (
            "erased",
            "",
            None,
            "",
            0,
        )
        assert [place for place in everywhere(each.id) if twins.objects.versions(place)] == []
        assert twins.calls.file(each.call_ref) == CallFile()
        assert twins.recordings.is_erased(each.call_ref)
        assert twins.people.persons(each.call_ref) == []
    assert twins.people.calls(twins.identities.of(f"tel:{ANNA}")[0]) == []
    assert vaulted(twins) == {place.key for place in places.verified(other.id, Shelf.CALLS)}
    assert row(twins, other) == other


def test_the_receipt_says_how_much_of_what_and_no_content() -> None:
    twins = Twins()
    for number in range(2):
        recorded(twins, number)
    facts = sum(len(file.facts) for file in twins.calls.files.values())
    said = counts(erased(twins))
    assert (said["recordings-erased"], said["objects-erased"], said["tombstone"]) == (2, 4, 2)
    assert (said["facts-erased"], said["links-erased"]) == (facts, 4)


def test_who_is_not_known_is_answered_that_nothing_was_found() -> None:
    request = erased(Twins())
    assert (request.state, counts(request)) == (Status.ANSWERED, {"nothing-found": 0})


def test_a_late_delivery_is_erased_on_arrival_and_its_caller_not_noted_again() -> None:
    twins = Twins()
    recorded(twins, 0)
    erased(twins)
    twins.drop(wav(milliseconds=700), "late.wav", QUALITY | {"call-id": IDS[0], "caller": ANNA})
    late = receive(twins.machine, "late.wav", None, NOW)
    assert (late.state, late.started_at, lying(twins)) == (State.ERASED, None, set())
    assert (twins.people.links, twins.calls.file(late.call_ref)) == (set(), CallFile())


def test_what_is_still_on_its_way_is_erased_too() -> None:
    twins = Twins()
    waiting, heard = arrived(twins, 0), transcribe(twins.machine, arrived(twins, 1).id, NOW)
    twins.heard(heard)
    erased(twins)
    assert [row(twins, each).state for each in (waiting, heard)] == ["erased", "erased"]
    assert redact(twins.machine, heard.id, NOW).state == "erased"
    assert lying(twins) == set()


def test_a_redaction_that_an_old_index_hid_is_erased_when_it_is_done() -> None:
    twins = Twins()
    recording = transcribe(twins.machine, arrived(twins, 0).id, NOW)
    twins.heard(recording)
    twins.recordings.bury(recording.call_ref)
    assert redact(twins.machine, recording.id, NOW).state == "erased"
    assert lying(twins) == set()


@pytest.mark.parametrize(("said", "code"), [(DUTY, "kept-duty")])
def test_what_a_text_obliges_to_keep_stays_and_the_answer_says_which(said: dict[str, str], code: str) -> None:
    twins = Twins()
    kept, gone = recorded(twins, 0, said=said), recorded(twins, 1)
    request = erased(twins)
    assert (row(twins, kept).state, row(twins, gone).state) == ("available", "erased")
    (told,) = [told for told in request.told if told.code == code]
    assert (told.recording, told.source) == (kept.id, "Un texte, art. 1")
    assert (request.state, twins.recordings.is_erased(kept.call_ref)) == (Status.ANSWERED, False)


def test_where_all_of_it_must_stay_the_request_is_refused() -> None:
    twins = Twins()
    recorded(twins, 0, said=DUTY)
    request = erased(twins)
    assert (request.state, [told.code for told in request.told]) == (Status.REFUSED, ["kept-duty"])


def test_a_call_held_for_a_claim_stays_as_it_is() -> None:
    twins = Twins()
    recording = recorded(twins, 0)
    hold(twins.machine, recording.id, CLAIM, NOW)
    request = erased(twins)
    left = row(twins, recording)
    assert (request.state, left.state, left.hold) == (Status.REFUSED, "held", CLAIM)


def test_the_provider_is_asked_to_delete_its_copy_or_named_as_keeping_it() -> None:
    twins = Twins()
    recording = recorded(twins, 0)
    media = {"id": "RE1"}
    twins.calls.copied(recording.call_ref, Copied("twilio", "twilio", media), NOW)
    twins.calls.copied(recording.call_ref, Copied("aircall", "aircall", {}), NOW)
    request = erased(twins)
    sources = {told.code: told.source for told in request.told if told.source}
    assert sources == {"provider-asked": "Twilio", "provider-keeps": "Aircall"}
    asked = [message for step, message, _ in twins.steps.posted if step is Step.FETCH]
    assert asked == [{"provider": "twilio", "source": "twilio", "media": media, "delete": True}]


def test_whoever_asked_before_for_a_copy_is_answered_first() -> None:
    twins = Twins()
    recording = recorded(twins, 0, f"{ANNA}, {BRUNO}")
    access = asks(twins, Right.ACCESS, BRUNO, "r0")
    request = erased(twins)
    assert (request.state, row(twins, recording).state) == (Status.ACCEPTED, "held")
    twins.requests.write(replace(access, state=Status.ACCEPTED), "released", NOW)
    twins.steps.post(Step.RIGHTS, {"request": "r0"})
    worked(twins)
    assert [twins.requests.rows[each].state for each in ("r0", "r1")] == [Status.ANSWERED, Status.ANSWERED]
    assert row(twins, recording).state == "erased"


def test_a_package_that_holds_the_call_goes_and_is_made_again_without_it() -> None:
    twins = Twins()
    recording = recorded(twins, 0, f"{ANNA}, {BRUNO}")
    answered = replace(asks(twins, Right.ACCESS, BRUNO, "r0"), state=Status.ANSWERED, sha256="abc")
    twins.requests.write(answered, "answered", NOW)
    twins.people.unmark(recording.call_ref, Mark.ASKED, "r0")
    twins.people.mark(recording.call_ref, Mark.COPIED, "r0", NOW.date())
    twins.objects.put(places.export("r0"), b"zip", "application/zip", {})
    request = erased(twins)
    assert counts(request)["packages-erased"] == 1
    assert "packed-again" in [line.ground for line in twins.requests.log("r0")]
    assert twins.requests.rows["r0"].state is Status.ANSWERED


def test_two_requests_for_the_same_erase_once_and_both_are_answered() -> None:
    twins = Twins()
    recorded(twins, 0)
    twins.policy = AUTOMATIC
    for name in ("r1", "r2"):
        asks(twins, Right.ERASURE, ANNA, name)
    worked(twins)
    assert [twins.requests.rows[each].state for each in ("r1", "r2")] == [Status.ANSWERED] * 2
    assert "nothing-found" in counts(twins.requests.rows["r2"])


def test_a_message_that_comes_twice_changes_nothing_more() -> None:
    twins = Twins()
    recorded(twins, 0)
    before = erased(twins)
    lines = len(twins.requests.log("r1"))
    assert exercise(twins.machine, "r1", NOW) == before
    assert len(twins.requests.log("r1")) == lines


def test_what_a_restored_backup_brings_back_is_erased_again() -> None:
    twins = Twins()
    recording = recorded(twins, 0)
    audio = places.audio(recording.id)
    rows, body = dict(twins.recordings._rows), twins.objects.get(audio)
    erased(twins)
    assert list(reconcile(twins.machine, NOW)) == []
    twins.recordings._rows.update(rows)
    twins.objects.put(audio, body, "audio/wav", {})
    twins.people.link("p", recording.call_ref, NOW.date())
    (found,) = reconcile(twins.machine, NOW)
    assert (found.recordings, found.objects, found.items) == (1, 1, 1)
    assert (row(twins, recording).state, lying(twins)) == ("erased", set())
    assert list(reconcile(twins.machine, NOW)) == []


def test_an_object_that_comes_back_without_its_row_changing_is_erased_again() -> None:
    twins = Twins()
    recording = recorded(twins, 0)
    erased(twins)
    twins.objects.put(Place(Bucket.VAULT, f"kept/{recording.id}/audio"), b"again", "audio/wav", {})
    assert [found.objects for found in reconcile(twins.machine, NOW)] == [1]
    assert lying(twins) == set()


def test_an_agents_erasure_waits_for_the_dpo() -> None:
    twins = Twins(policy=AUTOMATIC)
    recording = recorded(twins, 0)
    for channel in (Channel.AGENT, Channel.POST):
        request = asks(
            twins, Right.ERASURE, "+33600000000", channel, agent_refs=(recording.agent_ref,), channel=channel
        )
        worked(twins)
        assert (request.state, row(twins, recording).state) == (Status.OPEN, "available"), "nor does it stop a team"


def test_until_the_dpo_releases_it_nobody_hears_what_is_to_be_erased() -> None:
    twins = Twins()
    recording = recorded(twins, 0)
    asks(twins, Right.ERASURE)
    worked(twins)
    left = row(twins, recording)
    assert left.hold is not None
    assert (left.state, left.hold.kind, left.hold.reference) == ("held", HoldKind.REQUEST, "r1")
    assert left.last_day == recording.last_day
    assert left.hold.until > NOW.date() + timedelta(days=31)
