"""From a policy's text to a lawful Policy, or to what is wrong with it: on which line, and the remedy."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from decimal import Decimal
from difflib import get_close_matches
from typing import Any, get_origin

from pydantic import BaseModel, ValidationError

from chalicelib.errors import InvalidPolicy
from chalicelib.law.lines import line_of
from chalicelib.law.policy import Policy
from chalicelib.law.texts import texts

_LONGEST = 200_000
"""Characters of a policy: more than anybody has read, let alone signed."""

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
        return f"{where}: {words['error'][self.code].format(**said)}"


def load(text: str) -> Policy:
    """The policy that a TOML text describes. Raises InvalidPolicy with every Problem that was found."""
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
    except (ValueError, ArithmeticError, RecursionError):  # numbers and nestings that Python itself refuses
        problems = [Problem(None, "beyond-measure", {})]
    raise InvalidPolicy("; ".join(problem.text("en") for problem in problems), tuple(problems))


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
        return Problem(line_of(text, (*path, *inner)), kind, said)
    said = {"name": name, "value": repr(found["input"])[:60], "expected": found["msg"].replace("tuple", "array")}
    return Problem(line_of(text, path), "wrong-value", said)


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
