"""From a policy's text to a lawful Policy, or to what is wrong with it: on which line, and the remedy."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from datetime import date, time
from decimal import Decimal
from difflib import get_close_matches
from typing import Any, get_origin

from pydantic import BaseModel, ValidationError

from chalicelib.errors import InvalidPolicy
from chalicelib.law.lines import line_of
from chalicelib.law.parts import EMAIL, KEY, NAME
from chalicelib.law.period import Period
from chalicelib.law.policy import Policy
from chalicelib.law.texts import texts

_LONGEST = 200_000
"""Characters of a policy: more than anybody has read, let alone signed."""

_SHOWN = 60
"""Characters of a wrong value that are shown."""

_TOLD_APART = ("dpo", "hold", "staff", "objection", "announcement")
"""What is unlawful to leave out, rather than merely forgotten."""


@dataclass(frozen=True, slots=True)
class Problem:
    """One refusal: the line, if there is one, and a code of `law/texts` with what fills it in."""

    line: int | None
    code: str
    said: dict[str, Any]

    def text(self, language: str) -> str:
        """In `fr` or `en`: where, what, and the remedy."""
        words = texts(language)
        where = words["word"]["line"].format(line=self.line) if self.line else words["word"]["file"]
        said = dict(self.said)
        if "close" in said:
            said["hint"] = words["error"]["did-you-mean"].format(close=said["close"]) if said["close"] else ""
        return str(words["word"]["at"]).format(where=where, what=words["error"][self.code].format(**said))


def load(text: str) -> Policy:
    """The policy that a TOML text describes. Raises InvalidPolicy with every Problem that was found."""
    try:
        return _made(text)
    except (ValueError, ArithmeticError, RecursionError):  # numbers and nestings that Python itself refuses
        problems = (Problem(None, "beyond-measure", {}),)
    raise _refused(problems)


def _made(text: str) -> Policy:
    try:
        if len(text) > _LONGEST:
            problems = [Problem(None, "too-long", {"most": _LONGEST})]
        elif text.startswith("\ufeff"):
            problems = [Problem(1, "byte-order-mark", {})]
        else:
            text.encode()
            return Policy.model_validate(tomllib.loads(text, parse_float=Decimal))
    except UnicodeEncodeError as error:
        problems = [Problem(text.count("\n", 0, error.start) + 1, "toml", {"why": "half of a character"})]
    except tomllib.TOMLDecodeError as error:
        problems = [_syntax(str(error))]
    except ValidationError as error:
        problems = [_problem(found, text) for found in _causes(error)]
    raise _refused(tuple(problems))


def _refused(problems: tuple[Problem, ...]) -> InvalidPolicy:
    return InvalidPolicy("; ".join(problem.text("en") for problem in problems), problems)


def _syntax(why: str) -> Problem:
    what, _, where = why.partition(" (at line ")
    line = where.partition(",")[0]
    return Problem(int(line) if line.isdecimal() else None, "toml", {"why": what})


def _causes(error: ValidationError) -> list[dict[str, Any]]:
    """What was found, without arrays that are too short only because an item of theirs was refused."""
    found: list[dict[str, Any]] = [dict(each) for each in error.errors(include_url=False)]
    inside = {each["loc"][:length] for each in found for length in range(len(each["loc"]))}
    return [each for each in found if each["type"] != "too_short" or each["loc"] not in inside]


def _problem(found: dict[str, Any], text: str) -> Problem:
    path = tuple(part for part in found["loc"] if part != "[key]")
    kind, said = str(found["type"]), dict(found.get("ctx", {}))
    name = str(path[-1]) if path else ""
    if kind == "missing":
        code = f"missing-{name}" if name in _TOLD_APART else "missing"
        return Problem(line_of(text, path), code, {"name": name})
    if kind == "extra_forbidden":
        close = get_close_matches(name, _keys_beside(path), 1)
        return Problem(line_of(text, path), "unknown-key", {"name": name, "close": close[0] if close else ""})
    if kind in texts("en")["error"]:
        inner = tuple(int(part) if part.isdecimal() else part for part in said.pop("key", "").split(".") if part)
        return Problem(line_of(text, (*path, *inner)), kind, {"name": name} | said)
    named = next((str(part) for part in reversed(path) if isinstance(part, str)), name)
    expected = {"expected": found["msg"].replace("tuple", "array")}
    beside = {"name": named, "value": _shown(found["input"])} | expected | _bounds(said)
    return Problem(line_of(text, path), _code(kind, named, found["input"], said), beside)


def _shown(value: Any) -> str:
    """What was written, about as it was."""
    if isinstance(value, str):
        shown = f'"{value}"'
    elif isinstance(value, bool):
        shown = str(value).lower()
    else:
        shown = str(value) if isinstance(value, int | Decimal | date | time) else repr(value)
    return shown if len(shown) <= _SHOWN else f"{shown[: _SHOWN - 1]}…"


def _bounds(said: dict[str, Any]) -> dict[str, Any]:
    """The least, the most and the choices, by the names that `law/texts` has for them."""
    names = {"ge": "least", "gt": "least", "min_length": "least", "le": "most", "lt": "most", "max_length": "most"}
    known = {"known": str(said["expected"]).replace(" or ", ", ").replace("'", "")} if "expected" in said else {}
    return {names[name]: value for name, value in said.items() if name in names} | known


_CODES = {
    "date_type": "bad-date",
    "date_from_datetime_inexact": "bad-date",
    "date_from_datetime_parsing": "bad-date",
    "date_parsing": "bad-date",
    "int_type": "not-whole",
    "int_from_float": "not-whole",
    "int_parsing": "not-whole",
    "greater_than_equal": "too-small",
    "greater_than": "too-small",
    "less_than_equal": "too-large",
    "less_than": "too-large",
    "finite_number": "not-finite",
    "bool_type": "not-yes-or-no",
    "string_too_long": "long-text",
    "literal_error": "none-of",
    "tuple_type": "not-an-array",
    "too_short": "empty-array",
    "dict_type": "not-a-table",
}
"""Pydantic's kinds of error as ours, where it is the kind alone that matters."""

_PATTERNS = {NAME: "bad-name", EMAIL: "bad-email", KEY: "bad-key"}


def _code(kind: str, name: str, value: Any, said: dict[str, Any]) -> str:
    """What `law/texts` says of it; what pydantic says, in English, is the last resort."""
    if kind == "model_type":
        return "not-a-period" if said.get("class_name") == Period.__name__ else "not-a-table"
    if kind == "string_type":
        return "version-not-quoted" if name == "version" else "not-quoted"
    if kind == "string_pattern_mismatch":
        return _PATTERNS.get(said.get("pattern", ""), "wrong-value") if value != "" else "empty"
    if kind == "string_too_short":
        return "empty" if said.get("min_length") == 1 else "short-text"
    return _CODES.get(kind, "wrong-value")


def _keys_beside(path: tuple[str | int, ...]) -> list[str]:
    """The keys that the table holding `path` may have."""
    model: Any = Policy
    parts = [part for part in path[:-1] if isinstance(part, str)]
    while parts and isinstance(model, type) and issubclass(model, BaseModel):
        field = model.model_fields.get(parts.pop(0))
        if field and get_origin(field.annotation) is dict:
            parts = parts[1:]  # a name of the policy's own
        model = _model_in(field.annotation) if field else None
    return list(model.model_fields) if isinstance(model, type) and issubclass(model, BaseModel) else []


def _model_in(annotation: Any) -> Any:
    """The model that a field's type names, inside a tuple, a dict or an option."""
    inner = [part for part in (getattr(annotation, "__args__", None) or ()) if part is not ...]
    return _model_in(inner[-1] if inner[-1] is not type(None) else inner[0]) if inner else annotation
