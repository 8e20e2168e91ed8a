"""What a killed function left on disk is gone at the next start."""

import os
from pathlib import Path
from tempfile import gettempdir

from chalicelib.services.scratch import PREFIX, scratch


def test_an_old_leftover_is_removed_and_a_young_one_is_let_be() -> None:
    old, young = (Path(gettempdir(), f"{PREFIX}test-{name}") for name in ("old", "young"))
    for folder in (old, young):
        folder.mkdir(exist_ok=True)
        (folder / "raw").write_bytes(b"sound")
    os.utime(old, (0, 0))
    with scratch() as current:
        assert current.is_dir()
        assert (old.exists(), young.exists()) == (False, True)
    assert not current.exists()
    (young / "raw").unlink()
    young.rmdir()
