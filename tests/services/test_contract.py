"""A duty that runs from the signature: two years once it is told, a month otherwise, at once where it is refused."""

from datetime import date, timedelta

from chalicelib.model import Call, Hold, HoldKind, Recording, Shelf, State
from chalicelib.services import places
from chalicelib.services.contract import refused, signed
from chalicelib.services.end import sweep
from chalicelib.services.hold import hold, release
from chalicelib.services.redact import redact
from chalicelib.services.transcribe import transcribe
from tests.machines import CALL, NOW, Twins

SALE = CALL | {"queue": "assurance"}
OF_SALE = Call("drop", "call-1", None)
SIGNED = date(2026, 12, 1)


def sold(twins: Twins) -> Recording:
    recording = transcribe(twins.machine, twins.received(metadata=SALE).id, NOW)
    twins.heard(recording)
    return redact(twins.machine, recording.id, NOW)


def test_without_a_signature_a_sale_ends_after_a_month() -> None:
    twins = Twins()
    recording = sold(twins)
    assert (recording.last_day, recording.shelf) == (date(2026, 12, 24), Shelf.CALLS)
    assert list(sweep(twins.machine, NOW + timedelta(days=29))) == []
    assert len(list(sweep(twins.machine, NOW + timedelta(days=30)))) == 1
    assert twins.objects.lying() == set()


def test_a_signature_gives_it_two_years_from_that_day_on_the_shelf_of_long_terms() -> None:
    twins = Twins()
    recording = sold(twins)
    (kept,) = signed(twins.machine, OF_SALE, SIGNED, NOW)
    assert (kept.id, kept.last_day, kept.due_on) == (recording.id, date(2028, 12, 1), date(2028, 12, 1))
    assert twins.objects.lying() == {(place.bucket, place.key) for place in places.verified(kept.id, Shelf.KEPT)}
    assert twins.objects.tags(places.audio(kept.id, Shelf.KEPT))["last-day"] == "2028-12-01"
    assert twins.objects.info(places.audio(kept.id, Shelf.KEPT)).content_type == "audio/wav"
    assert list(sweep(twins.machine, NOW + timedelta(days=300))) == []


def test_a_signature_that_is_told_twice_changes_nothing_more() -> None:
    twins = Twins()
    sold(twins)
    for _ in range(2):
        (kept,) = signed(twins.machine, OF_SALE, SIGNED, NOW)
    assert kept.last_day == date(2028, 12, 1)
    assert len(twins.objects.lying()) == 2


def test_a_signature_told_while_the_recording_is_in_work_is_its_term_when_it_comes_through() -> None:
    twins = Twins()
    recording = transcribe(twins.machine, twins.received(metadata=SALE).id, NOW)
    signed(twins.machine, OF_SALE, SIGNED, NOW)
    twins.heard(recording)
    done = redact(twins.machine, recording.id, NOW)
    assert (done.state, done.due_on, done.shelf) == (State.AVAILABLE, date(2028, 12, 1), Shelf.KEPT)


def test_a_refused_contract_ends_its_recording_at_once() -> None:
    twins = Twins()
    recording = sold(twins)
    (ended,) = refused(twins.machine, OF_SALE, NOW)
    assert (ended.id, ended.state, ended.ground) == (recording.id, State.EXPIRED, "contract-refused")
    assert twins.objects.lying() == set()


def test_a_refused_contract_under_a_hold_ends_with_the_hold() -> None:
    twins = Twins()
    recording = sold(twins)
    hold(twins.machine, recording.id, Hold(HoldKind.LEGAL_CLAIM, "claim-7", "dpo", date(2027, 1, 31)), NOW)
    (kept,) = refused(twins.machine, OF_SALE, NOW)
    assert kept.state is State.HELD
    assert release(twins.machine, recording.id, "released", NOW, "dpo").state is State.EXPIRED
    assert twins.objects.lying() == set()


def test_a_call_of_another_regime_is_not_touched_by_a_signature() -> None:
    twins = Twins()
    recording = twins.available()
    assert signed(twins.machine, OF_SALE, SIGNED, NOW) == refused(twins.machine, OF_SALE, NOW) == []
    assert twins.recordings.get(recording.id) == recording


def test_a_signature_that_cannot_be_gives_no_recording_a_longer_life() -> None:
    for told in (date.max, date(2126, 1, 1), date(2026, 12, 25)):
        twins = Twins()
        recording = sold(twins)
        (kept,) = signed(twins.machine, OF_SALE, told, NOW)
        assert (kept.id, kept.last_day, kept.due_on) == (recording.id, date(2026, 12, 24), date(2026, 12, 24))


def test_a_signature_of_what_was_set_aside_without_a_start_gives_it_no_term() -> None:
    twins = Twins()
    aside = twins.received(metadata={name: text for name, text in SALE.items() if name != "started-at"})
    assert signed(twins.machine, OF_SALE, SIGNED, NOW) == []
    assert twins.machine.recording(aside.id) == aside
