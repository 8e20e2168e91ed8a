"""`make readme`: run the demo and write its own output and picture into README, so that no figure is typed by hand."""

from __future__ import annotations

import re
import shutil
import sys
from pathlib import Path

from infra.local.account import ROOT
from infra.local.demo import PICTURE as DRAWN
from infra.local.demo import SUMMARY, run

README = ROOT / "README.md"
PICTURE = ROOT / "infra" / "local" / "demo.png"


def block(readme: str) -> str:
    """The demo's output as README shows it."""
    found = _marks("demo").search(readme)
    return found[2] if found else ""


def rewrite(readme: str, summary: str) -> str:
    """README with the demo's output in its place; the account's names are shortened, nothing else is changed."""
    shown = re.sub(r"sourdine-local-vaultbucket-\w+", "sourdine-local-vaultbucket-…", summary)
    return within(readme, "demo", shown)


def within(readme: str, mark: str, text: str) -> str:
    """README with another text between two marks."""
    return _marks(mark).sub(lambda found: found[1] + text + found[3], readme)


def _marks(name: str) -> re.Pattern[str]:
    return re.compile(rf"(<!-- {name} -->\n```text\n)(.*?)(```\n<!-- /{name} -->)", re.DOTALL)


def main(folder: Path = ROOT / "build" / "demo") -> int:
    """Run the demo, then rewrite README."""
    run(folder)
    README.write_text(rewrite(README.read_text(), (folder / SUMMARY).read_text()))
    shutil.copy(folder / DRAWN, PICTURE)
    return 0


if __name__ == "__main__":
    sys.exit(main())
