"""The API's description, OpenAPI 3.1, out of the application's own routes and of what `infra/openapi/*.yaml` says.

Paths, methods, IAM and media types are the application's: a route that nobody describes, or a description without a
route, is refused. Problems are named by their codes (`chalicelib/errors.py`); their statuses are those of
`chalicelib/api/problems.py`. `python -m infra.openapi` (`make openapi`) writes `infra/openapi.json`.

A family's file says `tag`, `about`, `schemas` and `routes`; of each operation:

| name | what it says |
|---|---|
| `summary`, `about` | in a few words; in more, where that is needed |
| `who` | the roles that may ask: `anybody`, `dpo`, `supervisor`, `agent`, `system`, `provider` |
| `proofs` | by which of `shared.yaml`'s, where the route has no IAM authorizer; `[]` is none |
| `query` | names of parameters in `shared.yaml` |
| `body` | `schema`, `examples` by name, `optional`; `media` where the route takes any; each type's under `content` |
| `answers` | by status: `about`, `schema`, `media` if not JSON or each under `content`, `headers` by name |
| `problems` | codes besides those that follow from the rest |

Answers to those who prove who they are come with `Cache-Control: no-store`, unless `headers` says otherwise. A status
of problems is described only where it may be a page too. `$ref: Hold` is a schema of any of the files.
"""

from __future__ import annotations

import json
import sys
from collections import defaultdict
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from chalice.app import Chalice
from samtranslator.yaml_helper import yaml_parse

from infra.openapi_operation import Document, Undescribed, codes, operation, urn

FOLDER = Path(__file__).parent / "openapi"
WRITTEN = Path(__file__).parent / "openapi.json"


def generate(app: Chalice) -> Document:
    """The whole document. Raises Undescribed."""
    shared, families = _read(FOLDER / "shared.yaml"), _families()
    said = _said(families)
    _require_same(_operations(app), said)
    document: Document = {name: shared[name] for name in ("openapi", "info", "servers")}
    document["tags"] = [{"name": family["tag"], "description": family["about"]} for family in families]
    document["paths"] = _paths(app, said, shared)
    schemas = _schemas([shared, *families])
    schemas["Problem"]["properties"]["type"]["enum"] = [urn(code) for code in codes()]
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
            for method, described in methods.items():
                if (path, method.upper()) in found:
                    raise Undescribed(f"{method.upper()} {path} is described twice: leave one, of infra/openapi/*.yaml")
                found[path, method.upper()] = family["tag"], family["file"], described
    return found


def _require_same(routes: Operations, said: Operations) -> None:
    for path, method in sorted(routes.keys() - said.keys()):
        raise Undescribed(
            f"{method} {path} has no description: in infra/openapi/, in the file of its family, write under `routes:` "
            f"`{path}:`, below it `{method.lower()}:`, and there `summary`, `who` and `answers` (infra/openapi.py)"
        )
    for path, method in sorted(said.keys() - routes.keys()):
        file = said[path, method][1]
        raise Undescribed(f"app.py has no route {method} {path}: take its description out of infra/openapi/{file}")


def _paths(app: Chalice, said: Operations, shared: Document) -> Document:
    paths: Document = defaultdict(dict)
    for (path, method), entry in sorted(_operations(app).items()):
        tag, file, described = said[path, method]
        where = f"{method} {path} in infra/openapi/{file}"
        paths[path][method.lower()] = operation(entry, described, shared, tag, where)
    return dict(paths)


def _schemas(files: Iterable[Document]) -> Document:
    found: Document = {}
    for file in files:
        if twice := found.keys() & file.get("schemas", {}).keys():
            raise Undescribed(f"two files of infra/openapi/ describe {', '.join(sorted(twice))}: rename one")
        found |= file.get("schemas", {})
    return found


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
