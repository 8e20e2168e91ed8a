"""Who hears which recording: no purpose, no link; no line of the ledger, no link; no team, no recording."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from typing import Any

import pytest

from chalicelib.adapters.memory import MemoryRecordings
from chalicelib.errors import CannotBeHeard, Forbidden, StaleRecording, UnknownRecording
from chalicelib.model import Hold, HoldKind, Recording, Shelf, State
from chalicelib.services import places
from chalicelib.services.end import end_now
from chalicelib.services.hold import hold
from chalicelib.services.insist import TRIES
from chalicelib.services.listen import listen, reached
from chalicelib.services.refs import own_ref
from tests.machines import NOW, Twins
from tests.policies import policy
from tests.services.hearing import grounds, heard_by, jeannes, supervisor

HOLD = Hold(HoldKind.RESTRICTION, "2026-17", "dpo", date(2027, 2, 1))


def test_a_supervisor_of_the_team_gets_a_link_of_five_minutes_after_a_line_of_the_ledger() -> None:
    twins = Twins()
    recording = jeannes(twins)
    heard = listen(twins.machine, recording.id, "training", supervisor(twins), NOW)
    assert heard.url == twins.objects.link(places.audio(recording.id), 300, f"{recording.id}.wav")
    assert (heard.expires, heard.media_type) == (NOW + timedelta(minutes=5), "audio/wav")
    assert heard.muted == recording.muted and heard.muted
    assert grounds(twins, recording) == [("listened:training", "supervisor:ref-supervisor")]
    assert heard.url not in repr(heard)


@pytest.mark.parametrize("teams", [("north",), ("NORTH ",), ("south", "north")])
def test_one_team_in_common_is_enough_whatever_its_capitals(teams: tuple[str, ...]) -> None:
    twins = Twins()
    assert listen(twins.machine, jeannes(twins).id, "evaluation", supervisor(twins, *teams), NOW).url


def refusal(twins: Twins, recording_id: str, who: Any, purpose: str = "training") -> str:
    with pytest.raises(UnknownRecording) as refused:
        listen(twins.machine, recording_id, purpose, who, NOW)
    return str(refused.value)


def held(twins: Twins, recording: Recording) -> None:
    hold(twins.machine, recording.id, HOLD, NOW)


def ended(twins: Twins, recording: Recording) -> None:
    end_now(twins.machine, recording, "last-day-reached", NOW)


@pytest.mark.parametrize("becomes", [held, ended])
def test_what_is_held_or_has_ended_is_to_supervisor_and_agent_as_if_it_had_never_been(becomes: Any) -> None:
    twins = Twins()
    recording = jeannes(twins)
    becomes(twins, recording)
    written = len(twins.recordings.ledger(recording.id))
    for who in (supervisor(twins), heard_by(twins, "agent", agent="jeanne")):
        assert refusal(twins, recording.id, who) == refusal(twins, "no-such-recording", who)
        with pytest.raises(UnknownRecording):
            reached(twins.machine, recording.id, who)
    assert len(twins.recordings.ledger(recording.id)) == written


def test_another_teams_recording_and_one_that_is_nowhere_get_the_same_answer() -> None:
    twins = Twins()
    recording = jeannes(twins)
    others = [
        supervisor(twins, "south"),
        heard_by(twins, "supervisor"),
        heard_by(twins, "agent", agent="karim"),
        heard_by(twins, "agent"),
        heard_by(twins, "system", "agent"),
    ]
    said = {refusal(twins, each, who) for who in others for each in (recording.id, "nowhere")}
    assert said == {"there is no such recording, or it is not yours to hear"}
    assert grounds(twins, recording) == []


def test_an_agent_hears_their_own_by_any_of_their_names() -> None:
    twins = Twins()
    recording = jeannes(twins)
    twins.switches.know_as(own_ref(twins.machine, "3201"), own_ref(twins.machine, "jeanne"))
    twins.machine.note(replace(recording, agent_ref=own_ref(twins.machine, "3201")), "known-by-number", NOW)
    listen(twins.machine, recording.id, "training", heard_by(twins, "agent", agent="jeanne"), NOW)
    listen(twins.machine, recording.id, "training", supervisor(twins), NOW)
    assert [ground for ground, _ in grounds(twins, recording)][1:] == ["listened:training"] * 2


@pytest.mark.parametrize("purpose", ["", "fun", "legal-duty", "request", "Training"])
def test_a_purpose_that_is_not_granted_is_refused_the_same_whether_or_not_there_is_a_recording(purpose: str) -> None:
    twins = Twins()
    recording, said = jeannes(twins), set()
    for each in (recording.id, "nowhere"):
        with pytest.raises(Forbidden) as refused:
            listen(twins.machine, each, purpose, supervisor(twins), NOW)
        said.add(str(refused.value))
    assert len(said) == 1 and grounds(twins, recording) == []


def test_a_purpose_of_another_queue_is_refused() -> None:
    twins = Twins(policy=policy(('["training", "evaluation", "service-quality"]', '["training"]')))
    recording = jeannes(twins)
    with pytest.raises(Forbidden, match="not recorded for that purpose"):
        listen(twins.machine, recording.id, "evaluation", supervisor(twins), NOW)
    assert listen(twins.machine, recording.id, "training", supervisor(twins), NOW).url


@pytest.mark.parametrize("queue", ["urgences", "souscription", "gone"])
def test_calls_of_a_duty_are_the_dpos_alone(queue: str) -> None:
    twins = Twins()
    recording = jeannes(twins, queue)
    assert refusal(twins, recording.id, supervisor(twins)) == refusal(twins, "nowhere", supervisor(twins))
    assert refusal(twins, recording.id, heard_by(twins, "agent", agent="jeanne"))
    assert listen(twins.machine, recording.id, "inspection", heard_by(twins, "dpo"), NOW).url


def test_the_dpo_hears_what_is_held_where_it_lies() -> None:
    twins = Twins()
    recording = jeannes(twins)
    held(twins, recording)
    heard = listen(twins.machine, recording.id, "claim", heard_by(twins, "dpo"), NOW)
    assert f"/{places.audio(recording.id, Shelf.HELD).key}?" in heard.url
    assert grounds(twins, recording)[-1] == ("listened:claim", "dpo:ref-dpo")


def test_what_is_quarantined_has_no_link_and_its_line_of_the_ledger() -> None:
    twins = Twins()
    recording = twins.transcribing()
    twins.machine.quarantine(recording, places.raw(recording.id), "nothing-heard", NOW)
    with pytest.raises(CannotBeHeard, match="own IAM role"):
        listen(twins.machine, recording.id, "verification", heard_by(twins, "dpo"), NOW)
    line = twins.recordings.ledger(recording.id)[-1]
    assert (line.ground, line.by) == ("quarantine-asked:verification", "dpo:ref-dpo")


def test_the_dpo_is_told_why_there_is_nothing_to_hear() -> None:
    twins = Twins()
    recording, dpo = jeannes(twins), heard_by(twins, "dpo")
    ended(twins, recording)
    written = len(twins.recordings.ledger(recording.id))
    with pytest.raises(CannotBeHeard, match="it is expired"):
        listen(twins.machine, recording.id, "claim", dpo, NOW)
    assert len(twins.recordings.ledger(recording.id)) == written
    early = Twins()
    with pytest.raises(CannotBeHeard, match="not verified yet"):
        listen(early.machine, early.received().id, "claim", dpo, NOW)


def test_somebody_of_several_roles_hears_in_the_one_that_may() -> None:
    twins = Twins()
    recording = jeannes(twins)
    both = heard_by(twins, "dpo", "supervisor", "agent", agent="jeanne", teams=("south",))
    listen(twins.machine, recording.id, "training", both, NOW)
    listen(twins.machine, recording.id, "request", both, NOW)
    assert [by.partition(":")[0] for _, by in grounds(twins, recording)] == ["agent", "dpo"]


@dataclass
class Busy(MemoryRecordings):
    """Somebody else writes first, so many times."""

    times: int = 0
    meanwhile: list[Any] = field(default_factory=list)

    def note(self, recording: Recording, ground: str, at: Any) -> Recording:
        if ground.startswith("listened") and self.times:
            self.times -= 1
            if self.meanwhile:
                self.meanwhile.pop()()
            raise StaleRecording("the row changed since it was read")
        return super().note(recording, ground, at)


def test_somebody_who_writes_at_the_same_time_is_waited_for_and_not_for_ever() -> None:
    for times in (TRIES - 1, TRIES):
        twins = Twins(recordings=(busy := Busy()))
        recording = jeannes(twins)
        busy.times = times
        if times < TRIES:
            listen(twins.machine, recording.id, "training", supervisor(twins), NOW)
            assert len(grounds(twins, recording)) == 1
        else:
            with pytest.raises(StaleRecording):
                listen(twins.machine, recording.id, "training", supervisor(twins), NOW)
            assert grounds(twins, recording) == []


def test_what_is_held_in_the_same_moment_is_not_heard() -> None:
    twins = Twins(recordings=(busy := Busy()))
    recording = jeannes(twins)
    busy.times, busy.meanwhile = 1, [lambda: held(twins, recording)]
    refusal(twins, recording.id, supervisor(twins))
    assert [ground for ground, _ in grounds(twins, recording)] == ["restriction"]
    assert twins.machine.recording(recording.id).state is State.HELD
