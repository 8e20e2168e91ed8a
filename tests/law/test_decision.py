"""May it be kept at all? One row of the table per rule."""

from datetime import UTC, datetime, timedelta

import pytest

from chalicelib.law.decision import judge
from chalicelib.model import Call, Decision, Fate

NOW = datetime(2026, 11, 24, 9, 0, tzinfo=UTC)


def call(started_at: datetime | None) -> Call:
    return Call("drop", "any", started_at)


@pytest.mark.parametrize(
    ("started_at", "erased", "decision"),
    [
        (NOW - timedelta(minutes=5), False, Decision(Fate.KEEP, "lawful")),
        (NOW + timedelta(minutes=5), False, Decision(Fate.KEEP, "lawful")),
        (NOW - timedelta(days=179), False, Decision(Fate.KEEP, "lawful")),
        (NOW - timedelta(days=180), False, Decision(Fate.DISCARD, "past-retention")),
        (datetime(1970, 1, 1, tzinfo=UTC), False, Decision(Fate.DISCARD, "past-retention")),
        (NOW + timedelta(days=2), False, Decision(Fate.QUARANTINE, "start-in-future")),
        (None, False, Decision(Fate.QUARANTINE, "start-unknown")),
        (NOW - timedelta(minutes=5), True, Decision(Fate.DISCARD, "call-erased")),
        (None, True, Decision(Fate.DISCARD, "call-erased")),
    ],
)
def test_the_fate_of_a_recording_on_arrival(started_at: datetime | None, erased: bool, decision: Decision) -> None:
    assert judge(call(started_at), NOW, 180, erased) == decision
