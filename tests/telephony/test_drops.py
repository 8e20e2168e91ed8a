"""What keys and metadata say of a call."""

from datetime import UTC, datetime

import pytest

from chalicelib.model import Call, Off, Reason, Stretch
from chalicelib.telephony.drops import read_drop

CONNECT = "connect/freewine/CallRecordings/2024/01/26/e81b7b4d-20ac-472d-8aad-0d848ce7c9b4_20240126T03:07_UTC.wav"
ASTERISK = "monitor/2025/force-0821XXXX8663-3201-20250327-092517-1743042317.12206.wav"


def test_amazon_connects_key_names_the_contact_and_its_minute() -> None:
    at = datetime(2024, 1, 26, 3, 7, tzinfo=UTC)
    assert read_drop(CONNECT, {}) == Call("connect", "e81b7b4d-20ac-472d-8aad-0d848ce7c9b4", at, precision_ms=60_000)


def test_asterisks_epoch_is_believed_and_not_its_local_time() -> None:
    call = read_drop(ASTERISK, {})
    assert (call.source, call.call_id) == ("asterisk", "1743042317.12206")
    assert (call.started_at, call.precision_ms) == (datetime.fromtimestamp(1743042317, UTC), 1_000)


def test_asterisks_name_says_whose_line_it_was() -> None:
    call = read_drop(ASTERISK, {})
    assert (call.agent, call.lines) == ("3201", ("force", "0821XXXX8663", "3201"))


@pytest.mark.parametrize(
    "key", ["a b+c.wav", "записи/звонок.wav", "x" * 900, "connect/CallRecordings/2024/13/99/x.wav"]
)
def test_any_other_name_is_its_own_call_with_no_start(key: str) -> None:
    assert read_drop(key, {}) == Call("drop", key, None)


def test_metadata_says_it_better_than_the_name() -> None:
    said = {"call-id": "42", "started-at": "2026-03-06T10:30:00+01:00", "language": "en-GB"}
    assert read_drop(CONNECT, said) == Call("connect", "42", datetime(2026, 3, 6, 9, 30, tzinfo=UTC), "en-GB")


@pytest.mark.parametrize(
    "text", ["", "yesterday", "2026-03-06T10:30:00", "0001-01-01T00:00:00+14:00", "2026-02-30T10:00Z"]
)
def test_a_start_that_cannot_be_an_instant_is_unknown_even_if_the_name_has_one(text: str) -> None:
    assert read_drop(CONNECT, {"started-at": text}).started_at is None


def test_an_impossible_date_in_the_name_is_an_unknown_start() -> None:
    assert read_drop(CONNECT.replace("20240126T03:07", "20240126T25:07"), {}).started_at is None


FROM, TO = datetime(2026, 3, 6, 9, 31, tzinfo=UTC), datetime(2026, 3, 6, 9, 32, tzinfo=UTC)
STRETCH = "2026-03-06T10:31:00+01:00/2026-03-06T10:32:00+01:00"


@pytest.mark.parametrize(
    ("said", "offs"),
    [
        ({"off": STRETCH}, [Off(Reason.OTHER, Stretch(FROM, TO))]),
        ({"payment": f"{STRETCH} {STRETCH}"}, [Off(Reason.PAYMENT, Stretch(FROM, TO))] * 2),
        ({"off": STRETCH.partition("/")[0] + "/"}, [Off(Reason.OTHER, Stretch(FROM, None))]),
        ({"personal-call": "true"}, [Off(Reason.PERSONAL, Stretch(None, None))]),
        ({"mandate": "yes"}, [Off(Reason.MANDATE, Stretch(None, None))]),
        ({"off": "10:31/10:32"}, [Off(Reason.OTHER, Stretch(None, None))]),
        ({"off": "/".join(reversed(STRETCH.split("/")))}, [Off(Reason.OTHER, Stretch(None, None))]),
        ({"off": "false"}, []),
        ({}, []),
    ],
)
def test_what_an_agent_had_off_is_read_and_what_cannot_be_read_is_off_throughout(
    said: dict[str, str], offs: list[Off]
) -> None:
    assert list(read_drop("call.wav", said).offs) == offs


@pytest.mark.parametrize(
    ("text", "objected", "at"),
    [("true", True, None), ("2026-03-06T10:31:00+01:00", True, FROM), ("10:31", True, None), ("false", False, None)],
)
def test_a_refusal_is_believed_also_where_its_moment_cannot_be_read(
    text: str, objected: bool, at: datetime | None
) -> None:
    call = read_drop("call.wav", {"objected": text})
    assert (call.objected, call.objected_at) == (objected, at)


@pytest.mark.parametrize(("text", "announced"), [("true", True), ("false", False), ("oui", False), ("", False)])
def test_a_call_counts_as_announced_only_where_that_is_said(text: str, announced: bool) -> None:
    assert read_drop("call.wav", {"announced": text}).announced is announced
    assert read_drop("call.wav", {}).announced is None
