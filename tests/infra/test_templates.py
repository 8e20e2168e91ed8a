"""The CloudFormation families, and the parts that are generated."""

import json
from pathlib import Path
from zipfile import ZipFile

import pytest

from infra.assemble import assemble, days_left_rules
from infra.bytecode import precompile
from infra.compare import api_rule

ROOT = Path(__file__).parents[2]
TEMPLATE = assemble()["Resources"]
BUCKETS = [name for name, resource in TEMPLATE.items() if resource.get("Type") == "AWS::S3::Bucket"]


def test_a_recording_with_n_days_left_has_one_rule_that_ends_it_after_n_days() -> None:
    rules = [api_rule(rule) for rule in days_left_rules(180)]
    assert len({rule["ID"] for rule in rules}) == len(rules) == 180
    for days, rule in enumerate(rules, 1):
        assert rule["Filter"] == {"Tag": {"Key": "retention-days", "Value": str(days)}}
        assert rule["Expiration"] == {"Days": days}


@pytest.mark.parametrize("bucket", BUCKETS)
def test_whatever_lies_in_a_bucket_ends_even_untagged(bucket: str) -> None:
    rules = TEMPLATE[bucket]["Properties"]["LifecycleConfiguration"]["Rules"]
    whole = [rule["ExpirationInDays"] for rule in rules if rule.get("Prefix") == "" and "ExpirationInDays" in rule]
    assert whole
    assert max(whole) <= 180


@pytest.mark.parametrize("bucket", BUCKETS)
def test_every_bucket_refuses_plain_http_and_public_access(bucket: str) -> None:
    statement = TEMPLATE[f"{bucket}Policy"]["Properties"]["PolicyDocument"]["Statement"][0]
    assert (statement["Effect"], statement["Principal"], statement["Action"]) == ("Deny", "*", "s3:*")
    assert set(TEMPLATE[bucket]["Properties"]["PublicAccessBlockConfiguration"].values()) == {True}


def test_a_queue_waits_longer_than_its_function_may_run_and_has_dead_letters() -> None:
    functions = json.loads((ROOT / ".chalice" / "config.json").read_text())["stages"]["sourdine"]["lambda_functions"]
    for queue, function in (("Arrivals", "receive"), ("Transcribe", "transcribe"), ("Redact", "redact")):
        properties = TEMPLATE[f"{queue}Queue"]["Properties"]
        assert properties["VisibilityTimeout"] > functions[function]["lambda_timeout"]
        assert properties["RedrivePolicy"]["deadLetterTargetArn"] == {"Fn::GetAtt": [f"{queue}DeadLetters", "Arn"]}


def test_the_package_is_compiled_and_the_same_for_the_same_input(tmp_path: Path) -> None:
    archives = [tmp_path / "a.zip", tmp_path / "b.zip"]
    for archive in archives:
        with ZipFile(archive, "w") as packed:
            packed.writestr("app.py", "ANSWER = 42\n")
            packed.writestr("chalicelib/data.txt", "text")
        precompile(archive)
    assert archives[0].read_bytes() == archives[1].read_bytes()
    names = ZipFile(archives[0]).namelist()
    assert {"app.py", "chalicelib/data.txt"} <= set(names)
    assert [name for name in names if name.startswith("__pycache__/app.")]
