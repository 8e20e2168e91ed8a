"""What the queues deliver."""

from pathlib import Path

import pytest

from chalicelib.api.messages import dropped_object, recording_id
from chalicelib.errors import InvalidMessage

EVENTS = Path(__file__).parents[1] / "events" / "eventbridge"


def test_an_object_created_event_names_a_key_as_it_is_and_a_version() -> None:
    body = (EVENTS / "object-created.json").read_text()
    assert dropped_object(body) == ("calls/a b+c:1.wav", "IYV3p45BT0ac8hjHg1houSdS1a.Mro8e")


def test_a_transcription_event_names_the_recording_behind_its_stack() -> None:
    assert recording_id((EVENTS / "transcribe-completed.json").read_text()) == "avqf2mujidvevnfeme32kuw43v"


def test_a_step_message_names_the_recording() -> None:
    assert recording_id('{"recording": "abc"}') == "abc"


@pytest.mark.parametrize("body", ["", "{", "[]", "3", "null", "{}", '{"detail": null}', '{"detail": {"object": 3}}'])
def test_anything_else_is_refused_by_name(body: str) -> None:
    for read in (dropped_object, recording_id):
        with pytest.raises(InvalidMessage):
            read(body)
