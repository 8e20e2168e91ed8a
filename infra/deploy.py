"""The one command that deploys: `python -m infra.deploy STAGE [Name=value ...]`.

Package, check, upload, deploy, compare with what really stands, print the outputs. The same for a real account
and for the local one (then `AWS_ENDPOINT_URL` points there). Idempotent: nothing changes when nothing changed. Any
step that fails ends it with a non-zero exit and a sentence.
"""

from __future__ import annotations

import argparse
import json
import os
import re
import subprocess
import sys
from datetime import datetime
from pathlib import Path
from typing import Any

import boto3
from botocore.exceptions import BotoCoreError, ClientError

from chalicelib.errors import InvalidPolicy
from chalicelib.law.explain import warnings
from chalicelib.law.policy import Policy
from infra.assemble import POLICY, read, write
from infra.bytecode import precompile
from infra.compare import compare

ROOT = Path(__file__).resolve().parents[1]
TOOLS = Path(sys.executable).parent


_MOST_UNPACKED = 250 << 20
"""Bytes of a function's package, unzipped (FACTS 3.3)."""


_REHEARSAL = {"ProvidersEndpoint", "CognitoEndpoint"}
"""Parameters that lead to a double."""


class DeployError(Exception):
    """What went wrong, and what to do."""


def deploy(stage: str, parameters: list[str], policy: Path = POLICY) -> dict[str, str]:
    """Deploy the stack `sourdine-STAGE` under a policy to the account of the environment; return its outputs."""
    if not re.fullmatch(r"[a-z][a-z0-9]{0,19}", stage):
        raise DeployError("STAGE is up to twenty small letters and digits, such as dev or prod")
    _require_reachable(policy)
    stack, built = f"sourdine-{stage}", ROOT / "build" / "deploy" / stage
    account = _account()
    artifacts = _artifacts_bucket(f"{stack}-artifacts-{account}-{_region()}")
    template = package(built, policy)
    _require_known(parameters, template)
    _run("cfn-lint", "--non-zero-exit-code", "error", str(template), quiet=False)
    packaged = built / "packaged.json"
    upload = ("--s3-bucket", artifacts, "--output-template-file", str(packaged), "--use-json")
    _run("aws", "cloudformation", "package", "--template-file", str(template), *upload)
    extra = ["--parameter-overrides", *parameters] if parameters else []
    capabilities = ("--capabilities", "CAPABILITY_IAM", "CAPABILITY_AUTO_EXPAND", "--no-fail-on-empty-changeset")
    where = ("--stack-name", stack, "--template-file", str(packaged), "--s3-bucket", artifacts)
    _run("aws", "cloudformation", "deploy", *where, *capabilities, *extra)
    for warning in compare(stack, json.loads(packaged.read_text())):
        print(f"warning: {warning}", flush=True)
    return outputs(stack)


def package(built: Path, policy_file: Path = POLICY) -> Path:
    """Build the Lambdas' package and the whole template in `built`; return the template's path."""
    resources, policy = built / "resources.json", _lawful(policy_file)
    write(resources, policy)
    merge = ("--merge-template", str(resources))
    _run("chalice", "package", "--stage", "sourdine", *merge, str(built / "package"))
    beside = {"policy.toml": policy_file, **_announcements(policy, policy_file.parent)}
    _require_small(precompile(built / "package" / "deployment.zip", beside))
    return built / "package" / "sam.json"


def _lawful(path: Path) -> Policy:
    """The policy. Raises DeployError where it is refused."""
    try:
        return read(path)
    except (InvalidPolicy, OSError, UnicodeDecodeError) as error:
        raise DeployError(f"the policy {path} is refused: {error}") from error


def _require_known(parameters: list[str], template: Path) -> None:
    """Refuse a parameter that the template lacks: CloudFormation's tool would pass over it without a word."""
    known = json.loads(template.read_text()).get("Parameters", {})
    for name in (parameter.partition("=")[0] for parameter in parameters):
        if name in _REHEARSAL and "AWS_ENDPOINT_URL" not in os.environ:
            raise DeployError(f"{name} is for a local account: in a real one it would send everything elsewhere")
        if name not in known:
            raise DeployError(
                f"{name} is no parameter: there are {', '.join(sorted(known))}; the rest is in the policy"
            )


def _require_reachable(path: Path) -> None:
    """Outside a local account, a policy whose people somebody can write to. Whatever else is odd is printed."""
    policy = _lawful(path)
    found = warnings(policy, datetime.now(policy.zone).date())
    for warning in found:
        print(f"warning: {path}: {warning.text('en')}", flush=True)
    example = [warning for warning in found if warning.code == "example-contact"]
    if example and "AWS_ENDPOINT_URL" not in os.environ:
        raise DeployError(f"{path}: {example[0].text('en')} Make the policy yours: POLICY=ours.toml")


def _announcements(policy: Policy, folder: Path) -> dict[str, Path]:
    """The recorded announcements that a policy names, which lie beside it. Raises DeployError."""
    named = {spoken.audio: folder / spoken.audio for spoken in policy.announcement.values() if spoken.audio}
    for name, path in named.items():
        if not path.is_file() or Path(name).name != name:
            raise DeployError(f"the announcement {name} does not lie beside the policy, in {folder}")
    return named


def _require_small(unpacked: int) -> None:
    if unpacked > _MOST_UNPACKED:
        raise DeployError(f"the package holds {unpacked >> 20} MiB and Lambda takes 250: take a dependency out")


def outputs(stack: str) -> dict[str, str]:
    """The stack's outputs by name."""
    found = boto3.client("cloudformation").describe_stacks(StackName=stack)["Stacks"][0]
    return {output["OutputKey"]: output["OutputValue"] for output in found.get("Outputs", [])}


def _account() -> str:
    try:
        return str(boto3.client("sts").get_caller_identity()["Account"])
    except (BotoCoreError, ClientError) as error:
        raise DeployError("no AWS credentials that work: configure them, or run `make local` for an account") from error


def _region() -> str:
    region = boto3.session.Session().region_name
    if not region:
        raise DeployError("no region: set AWS_DEFAULT_REGION, for instance to eu-west-3 (Paris)")
    return region


def _artifacts_bucket(name: str) -> str:
    """The bucket of code packages, made at the first deployment, closed to the public."""
    s3 = boto3.client("s3")
    try:
        s3.head_bucket(Bucket=name)
    except ClientError:
        place: dict[str, Any] = {"LocationConstraint": _region()}
        s3.create_bucket(Bucket=name, **({} if _region() == "us-east-1" else {"CreateBucketConfiguration": place}))
        closed = dict.fromkeys(
            ("BlockPublicAcls", "IgnorePublicAcls", "BlockPublicPolicy", "RestrictPublicBuckets"), True
        )
        s3.put_public_access_block(Bucket=name, PublicAccessBlockConfiguration=closed)
    return name


def _run(tool: str, *arguments: str, quiet: bool = True) -> None:
    """Run one of the environment's tools; what it prints is shown when it fails, or if it is not `quiet`."""
    print(f"· {tool} {' '.join(arguments[:2])}", flush=True)
    environment = os.environ | {"AWS_DEFAULT_REGION": _region(), "AWS_PAGER": ""}
    both = {"stdout": subprocess.PIPE, "stderr": subprocess.STDOUT}
    done = subprocess.run([str(TOOLS / tool), *arguments], cwd=ROOT, env=environment, text=True, **both)
    if done.stdout.strip() and (done.returncode or not quiet):
        print(done.stdout.strip(), flush=True)
    if done.returncode:
        raise DeployError(f"{tool} failed: nothing after it was done; its own words stand above")


def main() -> int:
    """Deploy and print the outputs."""
    parser = argparse.ArgumentParser(prog="make deploy", description=__doc__)
    parser.add_argument("--policy", type=Path, default=POLICY, help="what may be recorded (default: %(default)s)")
    parser.add_argument("stage", help="dev, prod …: the stack is called sourdine-STAGE")
    parser.add_argument(
        "parameters", nargs="*", metavar="Name=value", help="parameters at the head of the YAML files in infra"
    )
    arguments = parser.parse_args()
    try:
        for name, value in deploy(arguments.stage, arguments.parameters, arguments.policy).items():
            print(f"{name:16} {value}")
    except DeployError as error:
        print(f"error: {error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
