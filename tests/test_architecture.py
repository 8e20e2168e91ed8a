"""The house's arrows: model <- pure rooms <- services <- adapters, api <- wiring <- app."""

import ast
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
BASE = {"model", "errors", "spans"}
ALLOWED = {  # what each room may import of chalicelib, besides itself
    **dict.fromkeys(BASE, BASE),
    **dict.fromkeys(("law", "speech", "audio", "telephony"), BASE),
    "settings": {"errors", "law"},
    "services": BASE | {"law", "speech", "audio", "telephony", "settings"},
    "adapters": BASE | {"services", "audio", "telephony", "law"},
    "observability": {"model", "law"},
    "api": BASE | {"law", "telephony", "services", "wiring", "observability"},
    "wiring": {"adapters", "law", "services", "telephony", "settings", "errors"},
    "__main__": {"cli", "errors"},
    "cli": BASE | {"services", "adapters", "speech", "wiring", "law", "telephony"},
    "app": {"api"},
}
THIRD_PARTY = {  # where alone each library may be imported
    "boto3": {"adapters", "wiring"},
    "botocore": {"adapters", "wiring"},
    "chalice": {"api", "app"},
    "pydub": {"audio"},
    "av": {"audio", "adapters"},
    "numpy": {"audio", "adapters"},
    "text_to_num": {"speech"},
    "holidays": {"law"},
    "pydantic": {"law"},
    "pydantic_core": {"law"},
    "jinja2": {"adapters"},
    "phonenumbers": {"telephony"},
    "reportlab": {"adapters"},
    "zipstream": {"services"},
    "dateutil": {"law"},
    "aws_lambda_powertools": {"adapters", "api", "observability"},
    "faster_whisper": {"adapters"},
    "jwt": {"telephony", "adapters"},
    "cryptography": {"telephony", "adapters"},
    "urllib3": {"adapters"},
}
IMPURE = {"os", "time", "random", "socket", "subprocess", "urllib.request", "logging"}
FILES = [*sorted((ROOT / "chalicelib").rglob("*.py")), ROOT / "app.py"]


def room(path: Path) -> str:
    parts = path.relative_to(ROOT).with_suffix("").parts
    return parts[1] if parts[0] == "chalicelib" and len(parts) > 1 else parts[0]


def imports(path: Path) -> set[str]:
    found: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            found |= {f"{node.module}.{alias.name}" for alias in node.names}
    return found


@pytest.mark.parametrize("path", FILES, ids=lambda p: str(p.relative_to(ROOT)))
def test_a_room_imports_only_along_the_arrows(path: Path) -> None:
    here = room(path)
    if here == "__init__":
        return
    for name in imports(path):
        parts = name.split(".")
        if parts[0] == "chalicelib":
            assert parts[1] == here or parts[1] in ALLOWED[here], f"{here} imports {name}"
        elif parts[0] in THIRD_PARTY:
            assert here in THIRD_PARTY[parts[0]], f"{name} belongs in {THIRD_PARTY[parts[0]]}"


@pytest.mark.parametrize("path", FILES, ids=lambda p: str(p.relative_to(ROOT)))
def test_a_pure_room_asks_neither_clock_nor_environment(path: Path) -> None:
    if room(path) not in {"law", "speech", "audio", "telephony", *BASE}:
        return
    asked = imports(path)
    assert not [name for name in asked for impure in IMPURE if name == impure or name.startswith(f"{impure}.")]
    called = {node.attr for node in ast.walk(ast.parse(path.read_text())) if isinstance(node, ast.Attribute)}
    assert not called & {"now", "utcnow", "today"}, "time is an argument"
