"""One operation as OpenAPI says it: what a description leaves out follows from its route, its proofs and problems."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from typing import Any

from chalice.app import IAMAuthorizer

from chalicelib import errors
from chalicelib.api.problems import STATUS

JSON, PROBLEM = "application/json", "application/problem+json"
ANY = "*/*"

Document = dict[str, Any]

_NEEDED = ("summary", "who", "answers")
_KNOWN = frozenset((*_NEEDED, "about", "proofs", "query", "body", "problems"))
_TELEPHONY = frozenset(("provider", "twilio"))
"""Proofs of those who say themselves, by their own signatures, that a body is theirs."""
_NOT_KEPT = {"Cache-Control": {"const": "no-store"}}


class Undescribed(Exception):
    """The routes and their descriptions differ: the message says what to write where."""


def operation(entry: Any, said: Document, shared: Document, tag: str, where: str) -> Document:
    """Of Chalice's route `entry` and its description; `where` that stands. Raises Undescribed."""
    if lacking := [name for name in _NEEDED if name not in said]:
        raise Undescribed(f"{where} lacks {', '.join(lacking)}: see infra/openapi.py")
    if unknown := said.keys() - _KNOWN:
        raise Undescribed(f"{where} says {', '.join(sorted(unknown))}, which nobody reads: see infra/openapi.py")
    proofs = _proofs(entry, said, shared, where)
    found: Document = {
        "operationId": _operation_id(entry),
        "tags": [tag],
        "summary": said["summary"],
        "description": "\n\n".join(filter(None, (said.get("about", "").strip(), f"Who: {', '.join(said['who'])}."))),
        "x-roles": said["who"],
        "parameters": _parameters([*entry.view_args, *said.get("query", [])], shared, where),
    }
    if "body" in said:
        found["requestBody"] = _body(entry, said["body"], where)
    problems = {proof: shared["proofs"][proof]["problems"] for proof in proofs}
    found["responses"] = _responses(entry, said, problems, where)
    found["security"] = [requirement for proof in proofs for requirement in shared["proofs"][proof]["any"]]
    return found


def _operation_id(entry: Any) -> str:
    words = [word for word in entry.uri_pattern.replace("{", "").replace("}", "").split("/") if word]
    return "-".join((entry.method.lower(), *words))


def _proofs(entry: Any, said: Document, shared: Document, where: str) -> list[str]:
    if isinstance(entry.authorizer, IAMAuthorizer):
        if "proofs" in said:
            raise Undescribed(f"{where} has an IAM authorizer, which is its proof: leave `proofs` out")
        return ["iam"]
    if "proofs" not in said:
        raise Undescribed(
            f"{where} has no authorizer: say by which of {', '.join(shared['proofs'])} its callers are known, as "
            f"`proofs: [person]`; `proofs: []` lets anybody ask"
        )
    if unknown := [proof for proof in said["proofs"] if proof not in shared["proofs"]]:
        raise Undescribed(f"{where} names the proof `{unknown[0]}`: describe it in infra/openapi/shared.yaml")
    return list(said["proofs"])


def _parameters(names: Iterable[str], shared: Document, where: str) -> list[Document]:
    """References: each is described once, in `shared.yaml`."""
    for name in names:
        if name not in shared["parameters"]:
            raise Undescribed(f"{where} has the parameter `{name}`: describe it in infra/openapi/shared.yaml")
    return [{"$ref": f"#/components/parameters/{name}"} for name in names]


def _body(entry: Any, said: Document, where: str) -> Document:
    """The same in every media type, unless it says each under `content`."""
    taken = said.get("media", said.get("content", [])) if ANY in entry.content_types else entry.content_types
    contents = said.get("content") or dict.fromkeys(taken, said)
    if not taken or contents.keys() != set(taken):
        raise Undescribed(f"{where} takes {', '.join(entry.content_types)}: say what it is in each, under `body`")
    return {"required": not said.get("optional", False), "content": {name: _media(contents[name]) for name in taken}}


def _media(said: Document) -> Document:
    examples = {_slug(name): {"summary": name, "value": value} for name, value in said.get("examples", {}).items()}
    return {"schema": said["schema"]} | ({"examples": examples} if examples else {})


def _slug(text: str) -> str:
    return "-".join(text.lower().split())


def _responses(entry: Any, said: Document, proofs: Document, where: str) -> Document:
    is_private = bool(proofs) and not _TELEPHONY & proofs.keys()
    found = {status: _answer(answer, is_private) for status, answer in said["answers"].items()}
    for status, named in _by_status(_problems(said, proofs), where):
        told, page = _told(status, named), found.get(str(status), {})
        found[str(status)] = told | {"content": told["content"] | page.get("content", {})}
    if ANY not in entry.content_types:
        found["415"] = {
            "description": "The body is of another media type.",
            "content": {JSON: {"schema": {"$ref": "NotTaken"}}},
        }
    return dict(sorted(found.items()))


def _answer(said: Document, is_private: bool) -> Document:
    """An answer; nobody in between keeps what is one asker's own, unless its headers say otherwise."""
    content = said.get("content") or ({said.get("media", JSON): said["schema"]} if "schema" in said else {})
    answer: Document = {"description": said["about"]}
    if content:
        answer["content"] = {media: {"schema": schema} for media, schema in content.items()}
    if headers := said.get("headers", _NOT_KEPT if is_private else {}):
        answer["headers"] = {name: {"required": True, "schema": schema} for name, schema in headers.items()}
    return answer


def _problems(said: Document, proofs: Document) -> Iterator[str]:
    """Those that are named, and those that whoever has to prove who they are, or to say anything, may meet."""
    yield "error"
    for problems in proofs.values():
        yield from problems
    if ("query" in said or "body" in said) and not _TELEPHONY & proofs.keys():
        yield "invalid-request"
    yield from said.get("problems", [])


def _by_status(named: Iterable[str], where: str) -> list[tuple[int, list[str]]]:
    known, found = codes(), defaultdict(list)
    for code in dict.fromkeys(named):
        if code not in known:
            raise Undescribed(f"{where} names the problem `{code}`, to which errors.py and problems.py give no status")
        found[known[code]].append(code)
    return sorted(found.items())


def codes() -> dict[str, int]:
    """Every code that an answer may carry, with its status."""
    known, waiting = {}, [errors.SourdineError]
    while waiting:
        kind = waiting.pop()
        waiting += kind.__subclasses__()
        if status := next((STATUS[each] for each in kind.__mro__ if each in STATUS), None):
            known[kind.code] = status
    return {"error": 500, **dict(sorted(known.items()))}


def _told(status: int, named: list[str]) -> Document:
    kind: Document = {"properties": {"type": {"enum": [urn(code) for code in named]}, "status": {"const": status}}}
    answer: Document = {
        "description": f"{' or '.join(named).replace('-', ' ').capitalize()}.",
        "headers": {name: {"required": True, "schema": schema} for name, schema in _NOT_KEPT.items()},
        "content": {PROBLEM: {"schema": {"allOf": [{"$ref": "Problem"}, kind]}}},
    }
    if status == 401:
        answer["headers"]["WWW-Authenticate"] = {"required": True, "schema": {"const": "Bearer"}}
    return answer


def urn(code: str) -> str:
    """The `type` of a problem."""
    return f"urn:sourdine:problem:{code}"
