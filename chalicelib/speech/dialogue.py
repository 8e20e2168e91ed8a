"""The walk through a call: cues and runs in the order of their start, runs that belong together joined to readings."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace

from chalicelib.speech.cues import BANK, Cue
from chalicelib.speech.on import On
from chalicelib.speech.reading import Reading
from chalicelib.speech.runs import Run
from chalicelib.speech.stream import Heard

_OTHER_ANSWER, _LEAST_OTHER = {"telephone": 9, "siret": 9, "imei": 14}, 4
"""Digits and letters with which another number was read."""

_ANSWERED_ONCE = frozenset({"password"})
_READING_GAP_MS = 8_000
_TALK_BETWEEN = 3


def readings(cues: Iterable[Cue], runs: Iterable[Run]) -> Iterator[Reading]:
    """Walk a call: every run in the light of the cues before it, runs that belong together joined."""
    events: list[tuple[int, int, Cue | Run]] = [(cue.at.start_ms, 0, cue) for cue in cues]
    events += [(run.first.start_ms, 1, run) for run in runs]
    on, current = On(), dict[int | None, Reading]()
    for _, _, event in sorted(events, key=lambda e: e[:2]):
        if isinstance(event, Cue):
            before, on = on, on.hears(event)
            if _topics(before) != _topics(on) or (event.topic in BANK and not event.needs_payment):
                yield from current.values()
                current.clear()
            continue
        voice, reading = event.first.channel, current.get(event.first.channel)
        if reading and not _goes_on(reading, event):
            yield current.pop(voice)
            reading = None
        if reading is None:
            reading = current[voice] = Reading(on.at_number(event.first))
        reading.add(event)
        if event.numbers():
            on = _after(on, reading)
    yield from current.values()


def _after(on: On, reading: Reading) -> On:
    """What is on after a reading, up to its last word: its datum is on for longer, until it is answered."""
    then, last = reading.on.bank, reading.runs[-1].last
    if reading.on.other_since_bank:
        return _after_another(on, reading, last)
    if on.bank is None or then is None or on.bank.topic in _ANSWERED_ONCE:
        return on
    at, answered = _moved(on.bank.at, last), on.bank.answered or reading.answers(on.bank.topic)
    return replace(on, bank=replace(on.bank, at=at, strong=then.strong, answered=answered, begun=True))


def _after_another(on: On, reading: Reading, last: Heard) -> On:
    """The other number, once it was read, is over sooner."""
    if on.other is None or reading.characters() < _OTHER_ANSWER.get(on.other.topic, _LEAST_OTHER):
        return on
    return replace(on, other=replace(on.other, at=_moved(on.other.at, last), answered=True))


def _moved(cue: Heard, heard: Heard) -> Heard:
    """A cue's moment brought forward in speech, turns and talk; its place in the order of cues stays."""
    return replace(
        cue,
        clock_ms=max(cue.clock_ms, heard.clock_ms),
        turn=max(cue.turn, heard.turn),
        talk=max(cue.talk, heard.talk),
    )


def _goes_on(reading: Reading, run: Run) -> bool:
    """Whether a run takes up the reading: soon, and, unless bank data was asked for, with little talk between."""
    last, bank = reading.runs[-1].last, reading.on.bank
    if run.first.clock_ms - last.clock_ms > _READING_GAP_MS:
        return False
    talk = run.first.talk - last.talk
    if bank is None or not bank.strong:
        return talk <= _TALK_BETWEEN
    return run.first.turn == last.turn or talk < _TALK_BETWEEN or not reading.answers(bank.topic)


def _topics(on: On) -> tuple[str, str, int]:
    """What must be the same for a reading to go on: any other number ends one that is complete."""
    ends = on.other is not None and (on.other.strong or (on.bank is not None and on.bank.answered))
    bank = on.bank.topic if on.bank else ""
    return (bank, on.other.topic, on.other.at.start_ms) if on.other and ends else (bank, "", 0)
