"""The Voice port: one suite, on the in-memory twin and on Amazon Polly as far as moto plays it.

moto answers eight bytes of silence, and writes Léa's id with an accent that Polly's own model does not have; what is
asked in French is held against that model.
"""

import wave
from collections.abc import Iterator
from io import BytesIO
from typing import Any

import boto3
import pytest
from botocore.stub import Stubber
from moto import mock_aws

from chalicelib.adapters.polly import VOICES, MemoryVoice, PollyVoice, as_wav
from chalicelib.errors import AnnouncementSilent, VoiceUnavailable
from chalicelib.services.ports import Voice
from tests.contract.accounts import REGION

TEXT = "Cet appel peut être enregistré. Pour vous y opposer, appuyez sur la touche 9."


@pytest.fixture(params=["memory", "polly"])
def voice(request: pytest.FixtureRequest) -> Iterator[Voice]:
    if request.param == "memory":
        yield MemoryVoice()
        return
    with mock_aws():
        yield PollyVoice(boto3.client("polly", region_name=REGION))


@pytest.mark.parametrize("language", ["en-GB", "fr-BE", "nl-NL"])
def test_a_text_is_said_as_telephony_plays_it(voice: Voice, language: str) -> None:
    with wave.open(BytesIO(voice.say(TEXT, language))) as said:
        assert (said.getsampwidth(), said.getframerate(), said.getnchannels()) == (2, 8000, 1)
        assert said.getnframes() > 0


@pytest.mark.parametrize("language", ["br-FR", "fr", "", "FR-fr"])
def test_a_language_without_a_voice_asks_for_a_file(voice: Voice, language: str) -> None:
    with pytest.raises(AnnouncementSilent, match=r"`audio` in the policy"):
        voice.say(TEXT, language)


def test_a_tone_is_as_long_as_saying_it_takes() -> None:
    with wave.open(BytesIO(MemoryVoice().say(TEXT, "fr-FR"))) as said:
        assert 4 < said.getnframes() / said.getframerate() < 8


def test_every_voice_and_language_is_one_that_polly_knows() -> None:
    model = boto3.client("polly", region_name=REGION).meta.service_model
    assert set(VOICES) <= set(model.shape_for("LanguageCode").enum)
    assert set(VOICES.values()) <= set(model.shape_for("VoiceId").enum)


def test_moto_knows_each_voice_as_a_neural_one_of_its_language() -> None:
    with mock_aws():
        found = boto3.client("polly", region_name=REGION).describe_voices()["Voices"]
    known = {voice["Id"]: voice for voice in found}
    for language, name in VOICES.items():
        if name in known:
            assert (known[name]["LanguageCode"], "neural" in known[name]["SupportedEngines"]) == (language, True)


@pytest.fixture
def polly() -> Iterator[tuple[Any, Stubber]]:
    client = boto3.client("polly", region_name=REGION)
    with Stubber(client) as stub:
        yield client, stub


def test_polly_is_asked_for_bare_samples_of_the_telephone(polly: tuple[Any, Stubber]) -> None:
    client, stub = polly
    asked = {
        "Text": TEXT, "TextType": "text", "OutputFormat": "pcm", "SampleRate": "8000", "Engine": "neural",
        "VoiceId": "Lea", "LanguageCode": "fr-FR",
    }  # fmt: skip
    stub.add_response("synthesize_speech", {"AudioStream": BytesIO(b"\x01\x02" * 5)}, asked)
    assert PollyVoice(client).say(TEXT, "fr-FR") == as_wav(b"\x01\x02" * 5)


@pytest.mark.parametrize("samples", [b"", b"\x00", b"\x00" * 7])
def test_a_voice_that_breaks_off_is_not_played(polly: tuple[Any, Stubber], samples: bytes) -> None:
    client, stub = polly
    stub.add_response("synthesize_speech", {"AudioStream": BytesIO(samples)})
    with pytest.raises(VoiceUnavailable):
        PollyVoice(client).say(TEXT, "fr-FR")


@pytest.mark.parametrize("code", ["ServiceFailureException", "ThrottlingException", "EngineNotSupportedException"])
def test_polly_that_refuses_is_a_voice_that_does_not_answer(polly: tuple[Any, Stubber], code: str) -> None:
    client, stub = polly
    stub.add_client_error("synthesize_speech", code, TEXT)
    with pytest.raises(VoiceUnavailable) as refused:
        PollyVoice(client).say(TEXT, "fr-FR")
    assert TEXT not in str(refused.value)
