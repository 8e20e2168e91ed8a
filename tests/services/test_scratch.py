"""What a killed function left on disk is gone at the next start."""

import errno
import os
from pathlib import Path

import pytest

from chalicelib.errors import RecordingTooLong
from chalicelib.services.scratch import PREFIX, scratch


def test_an_old_leftover_is_removed_and_a_young_one_is_let_be(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    old, young = (tmp_path / f"{PREFIX}{name}" for name in ("old", "young"))
    for folder in (old, young):
        folder.mkdir()
        (folder / "raw").write_bytes(b"sound")
    os.utime(old, (0, 0))
    with scratch() as current:
        assert current.is_dir()
        assert (old.exists(), young.exists()) == (False, True)
    assert not current.exists()


def test_a_disk_that_one_recording_fills_makes_it_too_long_and_any_other_fault_is_itself(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    full = OSError(errno.ENOSPC, "No space left on device")
    with pytest.raises(RecordingTooLong), scratch(), scratch():
        raise full
    (tmp_path / f"{PREFIX}leftover").mkdir()
    with pytest.raises(OSError, match="No space") as caught, scratch():
        raise full
    assert caught.value is full
    with pytest.raises(PermissionError), scratch():
        raise PermissionError(errno.EACCES, "no")
