"""The packaged template as plain CloudFormation resources, and its intrinsic functions resolved."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

from samtranslator.translator.transform import transform

Document = dict[str, Any]


class _NoManagedPolicies:
    def load(self) -> Document:
        return {}


def translated(sam: Path) -> Document:
    """`chalice package`'s SAM template, expanded as CloudFormation's transform would."""
    template = json.loads(sam.read_text())
    for resource in template["Resources"].values():
        if resource["Type"] == "AWS::Serverless::Function":
            resource["Properties"]["CodeUri"] = "s3://artifacts/package.zip"  # the transform wants one; nobody reads it
    return dict(transform(template, {}, _NoManagedPolicies()))


class Resolver:
    """Resolves Ref, Fn::GetAtt, Fn::Sub, Fn::Join, Fn::If, Fn::Equals and Fn::Not; raises on anything else."""

    def __init__(self, template: Document, known: dict[str, str]) -> None:
        self.template, self.refs, self.attributes = template, dict(known), dict[tuple[str, str], str]()
        for name, parameter in template.get("Parameters", {}).items():
            self.refs.setdefault(name, str(parameter.get("Default", "")))

    def holds(self, condition: str | None) -> bool:
        """Whether a resource under that condition is made."""
        return condition is None or bool(self.resolve(self.template["Conditions"][condition]))

    def resolve(self, value: Any) -> Any:
        if isinstance(value, list):
            return [item for item in map(self.resolve, value) if item is not None]
        if not isinstance(value, dict):
            return value
        if len(value) == 1 and (next(iter(value)) == "Ref" or next(iter(value)).startswith("Fn::")):
            ((name, argument),) = value.items()
            return self._call(name, argument)
        resolved = {key: self.resolve(item) for key, item in value.items()}
        return {key: item for key, item in resolved.items() if item is not None}

    def _call(self, name: str, argument: Any) -> Any:
        match name:
            case "Ref":
                return None if argument == "AWS::NoValue" else self.refs[argument]
            case "Fn::GetAtt":
                return self._attribute(*(argument if isinstance(argument, list) else argument.split(".", 1)))
            case "Fn::Sub":
                return re.sub(r"\$\{([^}]+)\}", lambda found: self._named(found[1]), argument)
            case "Fn::Join":
                return argument[0].join(self.resolve(argument[1]))
            case "Fn::If":
                return self.resolve(argument[1] if self.holds(argument[0]) else argument[2])
            case "Fn::Equals":
                return self.resolve(argument[0]) == self.resolve(argument[1])
            case "Fn::Not":
                return not self.resolve(argument[0])
        raise NotImplementedError(f"the harness does not know {name}")

    def _named(self, name: str) -> str:
        return self._attribute(*name.split(".", 1)) if "." in name else self.refs[name]

    def _attribute(self, logical: str, attribute: str) -> str:
        return self.attributes[logical, attribute]
