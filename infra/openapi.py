"""The API's description, OpenAPI 3.1, out of the application's own routes and of what `infra/openapi/*.yaml` says.

Paths, methods, IAM and media types are the application's: a route that nobody describes, or a description without a
route, is refused. Problems are named by their codes (`chalicelib/errors.py`); their statuses are those of
`chalicelib/api/problems.py`. `python -m infra.openapi` (`make openapi`) writes `infra/openapi.json`.

A family's file says `tag`, `about`, `schemas` and `routes`; of each operation:

| name | what it says |
|---|---|
| `summary`, `about` | in a few words; in more, where that is needed |
| `who` | the roles that may ask: `anybody`, `dpo`, `supervisor`, `agent`, `system`, `provider` |
| `proofs` | by which security schemes, where the route has no IAM authorizer; `[]` is none |
| `query` | names of parameters in `shared.yaml` |
| `body` | `schema` and `examples` by name; `media` where the route takes any; `optional: true` |
| `answers` | by status: `about`, `schema`, `media` if not JSON, or several as `content`; `headers` by name |
| `problems` | codes besides those that follow from the rest |

`$ref: Hold` is a schema of any of the files.
"""

from __future__ import annotations

import json
import sys
from collections import defaultdict
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from chalice.app import Chalice, IAMAuthorizer
from samtranslator.yaml_helper import yaml_parse

from chalicelib import errors
from chalicelib.api.problems import STATUS

FOLDER = Path(__file__).parent / "openapi"
WRITTEN = Path(__file__).parent / "openapi.json"
JSON, PROBLEM = "application/json", "application/problem+json"
ANY = "*/*"

Document = dict[str, Any]

_KNOWN = frozenset(("summary", "about", "who", "proofs", "query", "body", "answers", "problems"))
_FOLLOWS = {
    "iam": ("forbidden",),
    "person": ("not-authenticated", "forbidden", "identity-unavailable", "invalid-request"),
    "machine": ("not-authenticated", "forbidden", "invalid-request"),
    "twilio": ("not-authentic", "invalid-delivery"),
    "provider": ("not-authentic", "invalid-delivery"),
}
"""Problems that whoever has to prove who they are may meet."""


class Undescribed(Exception):
    """The routes and their descriptions differ: the message says what to write where."""


def generate(app: Chalice) -> Document:
    """The whole document. Raises Undescribed."""
    shared, families = _read(FOLDER / "shared.yaml"), _families()
    said = _said(families)
    _require_same(_operations(app), said)
    document: Document = {name: shared[name] for name in ("openapi", "info", "servers")}
    document["tags"] = [{"name": family["tag"], "description": family["about"]} for family in families]
    document["paths"] = _paths(app, said, shared)
    schemas = shared["schemas"] | {
        name: each for family in families for name, each in family.get("schemas", {}).items()
    }
    schemas["Problem"]["properties"]["type"]["enum"] = [_urn(code) for code in _codes()]
    document["components"] = {
        "schemas": schemas, "parameters": shared["parameters"], "securitySchemes": shared["securitySchemes"]
    }  # fmt: skip
    return _linked(document, schemas)


def text(document: Document) -> str:
    """As it is committed."""
    return json.dumps(document, indent=1, ensure_ascii=False) + "\n"


def _read(path: Path) -> Document:
    """YAML in which statuses, methods and days are texts, as they are in JSON."""
    return dict(json.loads(json.dumps(yaml_parse(path.read_text("utf-8")), default=str)))


def _families() -> list[Document]:
    return [_read(path) | {"file": path.name} for path in sorted(FOLDER.glob("*.yaml")) if path.name != "shared.yaml"]


Operations = dict[tuple[str, str], Any]
"""By path and method."""


def _operations(app: Chalice) -> Operations:
    return {(path, method): entry for path, entries in app.routes.items() for method, entry in entries.items()}


def _said(families: Iterable[Document]) -> Operations:
    found: Operations = {}
    for family in families:
        for path, methods in family["routes"].items():
            for method, operation in methods.items():
                if (path, method.upper()) in found:
                    raise Undescribed(f"{method.upper()} {path} is described twice: leave one, of infra/openapi/*.yaml")
                found[path, method.upper()] = operation | {"tag": family["tag"], "file": family["file"]}
    return found


def _require_same(routes: Operations, said: Operations) -> None:
    for path, method in routes.keys() - said.keys():
        raise Undescribed(
            f"{method} {path} has no description: in infra/openapi/, in the file of its family, write under `routes:` "
            f"`{path}:`, below it `{method.lower()}:`, and there `summary`, `who` and `answers` (infra/openapi.py)"
        )
    for path, method in said.keys() - routes.keys():
        file = said[path, method]["file"]
        raise Undescribed(f"app.py has no route {method} {path}: take its description out of infra/openapi/{file}")


def _paths(app: Chalice, said: Operations, shared: Document) -> Document:
    paths: Document = defaultdict(dict)
    for (path, method), entry in sorted(_operations(app).items()):
        operation = said[path, method]
        where = f"{method} {path} in infra/openapi/{operation['file']}"
        if unknown := operation.keys() - _KNOWN - {"tag", "file"}:
            raise Undescribed(f"{where} says {', '.join(sorted(unknown))}, which nobody reads: see infra/openapi.py")
        paths[path][method.lower()] = _operation(entry, operation, shared, where)
    return dict(paths)


def _operation(entry: Any, said: Document, shared: Document, where: str) -> Document:
    for name in ("summary", "who", "answers"):
        if name not in said:
            raise Undescribed(f"{where} lacks `{name}`: see infra/openapi.py")
    proofs = _proofs(entry, said, where)
    operation: Document = {
        "operationId": _operation_id(entry),
        "tags": [said["tag"]],
        "summary": said["summary"],
        "description": "\n\n".join(filter(None, (said.get("about", "").strip(), f"Who: {', '.join(said['who'])}."))),
        "x-roles": said["who"],
        "parameters": _parameters([*entry.view_args, *said.get("query", [])], shared, where),
    }
    if "body" in said:
        operation["requestBody"] = _body(entry, said["body"], where)
    operation["responses"] = _responses(entry, said, proofs, where)
    operation["security"] = [requirement for proof in proofs for requirement in shared["proofs"][proof]]
    return operation


def _operation_id(entry: Any) -> str:
    words = [word for word in entry.uri_pattern.replace("{", "").replace("}", "").split("/") if word]
    return "-".join((entry.method.lower(), *words))


def _proofs(entry: Any, said: Document, where: str) -> list[str]:
    if isinstance(entry.authorizer, IAMAuthorizer):
        if "proofs" in said:
            raise Undescribed(f"{where} has an IAM authorizer, which is its proof: leave `proofs` out")
        return ["iam"]
    if "proofs" not in said:
        raise Undescribed(
            f"{where} has no authorizer in app.py: say by which proofs its callers are known, one or more of "
            f"person, machine, twilio, provider, as `proofs: [person]`; `proofs: []` lets anybody ask"
        )
    return list(said["proofs"])


def _parameters(names: Iterable[str], shared: Document, where: str) -> list[Document]:
    """References: each is described once, in `shared.yaml`."""
    for name in names:
        if name not in shared["parameters"]:
            raise Undescribed(f"{where} has the parameter `{name}`: describe it in infra/openapi/shared.yaml")
    return [{"$ref": f"#/components/parameters/{name}"} for name in names]


def _body(entry: Any, said: Document, where: str) -> Document:
    taken = said.get("media") if ANY in entry.content_types else entry.content_types
    if not taken:
        raise Undescribed(f"{where} takes any media type: say under `body` which, as `media: [application/json]`")
    media: Document = {"schema": said["schema"]}
    if "examples" in said:
        media["examples"] = {_slug(name): {"summary": name, "value": value} for name, value in said["examples"].items()}
    return {"required": not said.get("optional", False), "content": dict.fromkeys(taken, media)}


def _slug(text: str) -> str:
    return "-".join(text.lower().split())


def _responses(entry: Any, said: Document, proofs: list[str], where: str) -> Document:
    found = {status: _answer(answer) for status, answer in said["answers"].items()}
    for status, codes in _by_status(_problems(said, proofs), where):
        if str(status) in found:
            raise Undescribed(f"{where} describes {status}, which is that of {', '.join(codes)}: name the code alone")
        found[str(status)] = _told(status, codes)
    if ANY not in entry.content_types:
        found["415"] = {
            "description": "The body is of another media type.",
            "content": {JSON: {"schema": {"$ref": "NotTaken"}}},
        }
    return dict(sorted(found.items()))


def _answer(said: Document) -> Document:
    """An answer; what is JSON is for its asker alone, unless its headers say otherwise."""
    content = said.get("content") or ({said.get("media", JSON): said["schema"]} if "schema" in said else {})
    answer: Document = {"description": said["about"]}
    if content:
        answer["content"] = {media: {"schema": schema} for media, schema in content.items()}
    if "headers" in said:
        answer["headers"] = {name: {"required": True, "schema": schema} for name, schema in said["headers"].items()}
    return answer


def _problems(said: Document, proofs: list[str]) -> Iterator[str]:
    yield "error"
    for proof in proofs:
        yield from _FOLLOWS[proof]
    if ("query" in said or "body" in said) and not {"provider", "twilio"} & set(proofs):
        yield "invalid-request"
    yield from said.get("problems", [])


def _by_status(codes: Iterable[str], where: str) -> list[tuple[int, list[str]]]:
    known, found = _codes(), defaultdict(list)
    for code in dict.fromkeys(codes):
        if code not in known:
            why = "no class in errors.py has it, or problems.py has no status for it"
            raise Undescribed(f"{where} names the problem `{code}`: {why}")
        found[known[code]].append(code)
    return sorted(found.items())


def _codes() -> dict[str, int]:
    """Every code that an answer may carry, with its status."""
    known, waiting = {}, [errors.SourdineError]
    while waiting:
        kind = waiting.pop()
        waiting += kind.__subclasses__()
        if status := next((STATUS[each] for each in kind.__mro__ if each in STATUS), None):
            known[kind.code] = status
    return {"error": 500, **dict(sorted(known.items()))}


def _told(status: int, codes: list[str]) -> Document:
    named: Document = {"properties": {"type": {"enum": [_urn(code) for code in codes]}, "status": {"const": status}}}
    answer: Document = {
        "description": f"{' or '.join(codes).replace('-', ' ').capitalize()}.",
        "headers": {"Cache-Control": {"required": True, "schema": {"const": "no-store"}}},
        "content": {PROBLEM: {"schema": {"allOf": [{"$ref": "Problem"}, named]}}},
    }
    if status == 401:
        answer["headers"]["WWW-Authenticate"] = {"required": True, "schema": {"const": "Bearer"}}
    return answer


def _urn(code: str) -> str:
    return f"urn:sourdine:problem:{code}"


def _linked(value: Any, schemas: Document) -> Any:
    """`$ref: Hold` in full. Raises Undescribed for a schema that nobody describes."""
    if isinstance(value, list):
        return [_linked(each, schemas) for each in value]
    if not isinstance(value, dict):
        return value
    name = value.get("$ref", "#")
    if isinstance(name, str) and not name.startswith("#"):
        if name not in schemas:
            raise Undescribed(f"`$ref: {name}` names no schema: describe it under `schemas:` in infra/openapi/*.yaml")
        value = value | {"$ref": f"#/components/schemas/{name}"}
    return {key: _linked(each, schemas) for key, each in value.items()}


if __name__ == "__main__":
    from app import app

    try:
        WRITTEN.write_text(text(generate(app)), "utf-8")
    except Undescribed as error:
        sys.exit(str(error))
