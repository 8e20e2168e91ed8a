"""The CloudFormation families, and the parts that are generated."""

import json
from pathlib import Path
from typing import Any
from zipfile import ZipFile

import pytest

from chalicelib.api.identity import ROLES
from chalicelib.law.load import load
from chalicelib.law.period import Period
from chalicelib.law.retention import tag_days
from infra.assemble import assemble, days_left_rules, read
from infra.bytecode import precompile
from infra.compare import api_rule
from tests.policies import changed

ROOT = Path(__file__).parents[2]
POLICY = read()
WHOLE = assemble(POLICY)
TEMPLATE = WHOLE["Resources"]
BUCKETS = [name for name, resource in TEMPLATE.items() if resource.get("Type") == "AWS::S3::Bucket"]


def rules_of(bucket: str, resources: dict[str, Any]) -> list[dict[str, Any]]:
    return list(resources[bucket]["Properties"]["LifecycleConfiguration"]["Rules"])


def test_a_recording_with_n_days_left_has_one_rule_that_ends_it_after_n_days() -> None:
    rules = [api_rule(rule) for rule in days_left_rules([1, 2, 184, 189])]
    assert len({rule["ID"] for rule in rules}) == 4
    for days, rule in zip((1, 2, 184, 189), rules, strict=True):
        assert rule["Filter"] == {"Tag": {"Key": "retention-days", "Value": str(days)}}
        assert rule["Expiration"] == {"Days": days}


@pytest.mark.parametrize("bucket", BUCKETS)
def test_no_rule_has_an_empty_part_which_ceph_takes_for_malformed(bucket: str) -> None:
    assert all(value for rule in rules_of(bucket, TEMPLATE) for value in api_rule(rule).values())


@pytest.mark.parametrize("bucket", BUCKETS)
def test_whatever_lies_in_a_bucket_ends_even_untagged(bucket: str) -> None:
    rules = rules_of(bucket, TEMPLATE)
    whole = [rule["ExpirationInDays"] for rule in rules if rule.get("Prefix") == "" and "ExpirationInDays" in rule]
    assert whole
    longest = tag_days(Period(years=10).most_days + 1) if bucket == "VaultBucket" else 30
    assert max(whole) <= longest


def test_what_lies_untagged_among_the_calls_ends_after_six_months() -> None:
    (rule,) = [r for r in rules_of("VaultBucket", TEMPLATE) if r.get("Prefix") == "calls/"]
    assert rule["ExpirationInDays"] == 184


def test_every_number_of_days_that_any_policy_can_leave_has_its_rule_and_a_bucket_takes_them_all() -> None:
    rules = rules_of("VaultBucket", TEMPLATE)
    tagged = {int(rule["TagFilters"][0]["Value"]) for rule in rules if "TagFilters" in rule}
    assert {tag_days(days) for days in range(1, Period(years=10).most_days + 1)} <= tagged
    assert len(rules) <= 1000


def test_a_policy_with_shorter_terms_takes_no_rule_away_from_what_lies_there_already() -> None:
    shorter = assemble(load(changed(("hold = { years = 2 }", "hold = { days = 9 }"))))["Resources"]
    assert rules_of("VaultBucket", shorter) == rules_of("VaultBucket", TEMPLATE)


def test_the_policy_sets_how_long_quarantine_exports_and_logs_are_kept() -> None:
    keeping = "hold = { years = 2 }\nquarantine = { days = 10 }\nexports = { days = 3 }\naccess_log = { months = 6 }"
    resources = assemble(load(changed(("hold = { years = 2 }", keeping))))["Resources"]
    for bucket, days in (("QuarantineBucket", 10), ("ExportsBucket", 3)):
        assert max(rule.get("ExpirationInDays", 0) for rule in rules_of(bucket, resources)) == days
    logs = [r["Properties"]["RetentionInDays"] for r in resources.values() if r.get("Type") == "AWS::Logs::LogGroup"]
    assert set(logs) == {180}
    assert {
        r["Properties"]["RetentionInDays"] for r in TEMPLATE.values() if r.get("Type") == "AWS::Logs::LogGroup"
    } == {365}


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
        precompile(archive, {"policy.toml": ROOT / "infra" / "policy.toml"})
    assert archives[0].read_bytes() == archives[1].read_bytes()
    names = ZipFile(archives[0]).namelist()
    assert {"app.py", "chalicelib/data.txt", "policy.toml"} <= set(names)
    assert [name for name in names if name.startswith("__pycache__/app.")]


def test_every_dead_letter_queue_and_every_sweep_that_fails_has_an_alarm_that_somebody_is_told_of() -> None:
    alarms = [r["Properties"] for r in TEMPLATE.values() if r.get("Type") == "AWS::CloudWatch::Alarm"]
    watched = json.dumps([(alarm["MetricName"], alarm["Dimensions"]) for alarm in alarms])
    queues = [n for n, r in TEMPLATE.items() if r.get("Type") == "AWS::SQS::Queue" and n.endswith("DeadLetters")]
    assert all(f'["{queue}", "QueueName"]' in watched for queue in queues)
    assert {"screens", "sweep-failed", "sweep-ended"} <= {alarm["MetricName"] for alarm in alarms}
    assert all(alarm["AlarmActions"] == [{"Ref": "AlarmTopic"}] for alarm in alarms)


POOLS = {name: r for name, r in TEMPLATE.items() if str(r.get("Type")).startswith("AWS::Cognito::")}


def test_whoever_has_an_identity_provider_gets_no_pool_and_nothing_then_names_one() -> None:
    assert POOLS and {resource["Condition"] for resource in POOLS.values()} == {"OwnPool"}
    variables = WHOLE["Globals"]["Function"]["Environment"]["Variables"]
    naming = {name: value for name, value in variables.items() if "UserPool" in json.dumps(value)}
    assert set(naming) == {"OIDC_ISSUER", "OIDC_AUDIENCE", "OIDC_JWKS_URL"}
    for value in naming.values():
        condition, _, otherwise = value["Fn::If"]
        assert condition == "OwnPool" and "UserPool" not in json.dumps(otherwise)
    outputs = [output for output in WHOLE["Outputs"].values() if "UserPool" in json.dumps(output)]
    assert [output["Condition"] for output in outputs] == ["OwnPool"] * 2


def test_the_pool_has_a_group_for_each_role_that_a_token_may_give() -> None:
    groups = [r["Properties"]["GroupName"] for r in POOLS.values() if r["Type"] == "AWS::Cognito::UserPoolGroup"]
    assert sorted(groups) == sorted(ROLES)


def test_nobody_makes_their_own_account_or_takes_another_agents_address() -> None:
    pool, client = TEMPLATE["UserPool"], TEMPLATE["UserPoolClient"]["Properties"]
    assert pool["DeletionPolicy"] == "Retain"
    assert pool["Properties"]["AdminCreateUserConfig"] == {"AllowAdminCreateUserOnly": True}
    assert pool["Properties"]["UsernameConfiguration"] == {"CaseSensitive": False}
    assert "email" not in client["WriteAttributes"]
    assert client["PreventUserExistenceErrors"] == "ENABLED"
    assert not [
        flow for flow in client["ExplicitAuthFlows"] if flow in ("ALLOW_USER_PASSWORD_AUTH", "ALLOW_CUSTOM_AUTH")
    ]


def test_every_function_behind_a_queue_may_read_it_and_no_other_may() -> None:
    for name, resource in TEMPLATE.items():
        events = resource.get("Properties", {}).get("Events", {})
        queues = [
            event["Properties"]["Queue"]["Fn::Sub"] for event in events.values() if "Queue" in event["Properties"]
        ]
        if not queues:
            continue
        policy = json.loads((ROOT / ".chalice" / f"policy-{name.lower()}.json").read_text())
        reads = [each for each in policy["Statement"] if "sqs:ReceiveMessage" in each["Action"]]
        may = [target["Fn::GetAtt"][0] for each in reads for target in each["Resource"]]
        assert {"sqs:DeleteMessage", "sqs:GetQueueAttributes"} <= {act for each in reads for act in each["Action"]}, (
            name
        )
        assert [f"${{{queue}.Arn}}" for queue in may] == queues, name
