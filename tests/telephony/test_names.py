"""What the names of 3CX and Genesys say of a call, and what they do not."""

import pytest

from chalicelib.model import Call
from chalicelib.telephony.drops import read_drop
from chalicelib.telephony.names import is_beside

CONVERSATION = "33333333-0000-4000-8000-000000000003"
EXPORT = f"22222222-0000-4000-8000-000000000002/year=2026/month=3/day=6/hour=9/conversation_id={CONVERSATION}/a.opus"


@pytest.mark.parametrize(
    ("key", "agent", "lines"),
    [
        ("1004/[Camille]_1004-0199001234_20260306103000(77).wav", "1004", ("1004", "0199001234")),
        ("1004/[Camille]_0199001234-1004_20260306103000(77).wav", "1004", ("0199001234", "1004")),
        ("[]_1004-1005_20260306103000(77).WAV", "1004", ("1004", "1005")),
        ("[x]_+33199001234-0199005678_20260306103000(77).wav", None, ("+33199001234", "0199005678")),
    ],
)
def test_3cx_names_the_extension_and_the_call_and_a_time_that_is_not_guessed(
    key: str, agent: str | None, lines: tuple[str, ...]
) -> None:
    assert read_drop(key, {}) == Call("3cx", "77", None, agent=agent, lines=lines)


def test_genesys_names_the_conversation_and_no_moment() -> None:
    assert read_drop(EXPORT, {}) == Call("genesys", CONVERSATION, None)
    assert read_drop(f"export/{EXPORT}", {}).call_id == CONVERSATION


@pytest.mark.parametrize(
    "key",
    [
        EXPORT.replace("conversation_id", "conversation"),
        EXPORT.replace("/hour=9", ""),
        EXPORT.removesuffix("/a.opus"),
        "[x]_1004-0199001234_20260306103000.wav",
        "[x]_1004_20260306103000(77).wav",
    ],
)
def test_a_name_that_is_nearly_one_is_its_own_call(key: str) -> None:
    assert read_drop(key, {}) == Call("drop", key, None)


def test_what_genesys_lays_beside_a_recording_is_told_from_recordings() -> None:
    assert is_beside(EXPORT.replace("a.opus", "a.opus_metadata.json"))
    assert is_beside("export/" + EXPORT.replace("a.opus", "a_metadata.json"))
    for key in (EXPORT, EXPORT + ".json", "a_metadata.json", EXPORT.replace("/hour=9/", "/") + "_metadata.json"):
        assert not is_beside(key)


def test_metadata_tells_when_such_a_call_began() -> None:
    call = read_drop(EXPORT, {"started-at": "2026-03-06T10:30:00+01:00", "agent": "camille"})
    assert (call.source, call.agent) == ("genesys", "camille")
    assert call.started_at is not None and call.started_at.isoformat() == "2026-03-06T09:30:00+00:00"
