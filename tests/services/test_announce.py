"""The sound of an announcement."""

from pathlib import Path

import pytest

from chalicelib.adapters.polly import MemoryVoice
from chalicelib.errors import AnnouncementSilent, UnknownAnnouncement
from chalicelib.law.policy import Policy
from chalicelib.services import announce
from tests.regimes import changed, example
from tests.sounds import wav

CODED = Path(__file__).parents[1] / "corpus" / "coded"


def named(name: str) -> Policy:
    return changed(('# audio = "annonce-fr.wav"', f'audio = "{name}"'))


def test_a_voice_says_the_text_where_no_file_is_named(tmp_path: Path) -> None:
    text = example().announcement["fr-FR"].text
    assert announce.sound(example(), "fr-FR", tmp_path, MemoryVoice()).body == MemoryVoice().say(text, "fr-FR")


def test_a_file_beside_the_policy_goes_before_the_voice_in_its_own_type(tmp_path: Path) -> None:
    (tmp_path / "annonce.bin").write_bytes(wav("mu-law"))
    sound = announce.sound(named("annonce.bin"), "FR-fr", tmp_path, MemoryVoice())
    assert sound == announce.Sound(wav("mu-law"), "audio/wav")
    (tmp_path / "cover.mp3").write_bytes((CODED / "cover.mp3").read_bytes())
    assert announce.sound(named("cover.mp3"), "fr-FR", tmp_path, MemoryVoice()).media_type == "audio/mpeg"


@pytest.mark.parametrize("name", ["missing.wav", "../outside.wav", "folder", "/etc/hostname", ".", ".."])
def test_a_file_that_is_not_beside_the_policy_is_missed(tmp_path: Path, name: str) -> None:
    (tmp_path / "outside.wav").write_bytes(wav("mu-law"))
    (tmp_path / "beside" / "folder").mkdir(parents=True)
    with pytest.raises(AnnouncementSilent, match="not beside the policy"):
        announce.sound(named(name), "fr-FR", tmp_path / "beside", MemoryVoice())


@pytest.mark.parametrize("content", [b"", b"no sound", b"fLaC" + bytes(60), b"RIFF\x00\x00\x00\x00AVI "])
def test_a_file_that_no_telephone_plays_is_refused(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "a.wav").write_bytes(content)
    with pytest.raises(AnnouncementSilent, match="no WAV, MP3, Ogg or MP4"):
        announce.sound(named("a.wav"), "fr-FR", tmp_path, MemoryVoice())


def test_a_file_that_no_answer_holds_is_refused(tmp_path: Path) -> None:
    (tmp_path / "a.wav").write_bytes(wav("mu-law") + bytes(announce.MOST_BYTES))
    with pytest.raises(AnnouncementSilent, match="shorten it"):
        announce.sound(named("a.wav"), "fr-FR", tmp_path, MemoryVoice())


def test_a_language_without_an_announcement_is_unknown(tmp_path: Path) -> None:
    with pytest.raises(UnknownAnnouncement, match="fr-FR"):
        announce.sound(example(), "de-DE", tmp_path, MemoryVoice())
