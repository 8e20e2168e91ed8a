"""A voice that was not heard, told from a line where nobody spoke."""

import io

import pytest

from chalicelib.audio.level import is_audible, sounds
from chalicelib.audio.mute import mute
from chalicelib.audio.wav import probe
from chalicelib.model import Span
from tests.sounds import CODECS, wav


@pytest.mark.parametrize("codec", CODECS)
def test_a_channel_with_sound_is_audible_and_a_silent_one_is_not(codec: str) -> None:
    body, out = wav(codec, 2, milliseconds=4000), io.BytesIO()
    sound = probe(body, len(body))
    mute(io.BytesIO(body), out, sound, [Span(0, 3000, 1)])
    muted = probe(out.getvalue(), len(out.getvalue()))
    assert is_audible(out, muted, 0)
    assert not is_audible(out, muted, 1)


@pytest.mark.parametrize("codec", CODECS)
def test_a_span_sounds_where_its_channel_does_for_a_short_word(codec: str) -> None:
    body, out = wav(codec, 2, milliseconds=4000), io.BytesIO()
    sound = probe(body, len(body))
    mute(io.BytesIO(body), out, sound, [Span(0, 3000, 1)])
    assert sounds(out, probe(out.getvalue(), len(out.getvalue())), Span(2500, 3500, 1))
    assert not sounds(out, sound, Span(500, 2900, 1))
    assert not sounds(out, sound, Span(0, 1000, 5))
