"""Telephony, agents, callers and payment platforms at the deployed API: the real handlers, within their roles."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from typing import Any
from xml.etree import ElementTree

import boto3
import pytest

from infra.local.provider import providers
from infra.local.provider_answers import CREDENTIALS
from tests.api.asking import ACCOUNT, SYSTEM, log_here
from tests.e2e.acts import drop, everything, rows, statements_of
from tests.e2e.permissions import refused
from tests.e2e.stack import STACK, Stack, put_event
from tests.e2e.telephony import TWILIO, bearer, call, configure, from_twilio, published, signed
from tests.plain import plain
from tests.policies import changed
from tests.sounds import wav

NOW = datetime.now(UTC)
CONNECTED = {
    "type": "call.connected", "call-id": "call-7", "agent": "Jeanne@exemple.example", "queue": "souscription",
    "lines": ["+33199001234"], "started-at": NOW.isoformat(), "at": NOW.isoformat(),
}  # fmt: skip
MS = timedelta(milliseconds=1)
NAMES = ("jeanne", "exemple.example", "33199001234", "3290")


@pytest.fixture(scope="module")
def keys() -> Iterator[str]:
    with published() as url:
        yield url


@pytest.fixture
def line(stack: Stack, keys: str) -> Stack:
    configure(stack, keys)
    languages = ('languages = ["fr-FR", "en-GB"]', 'languages = ["fr-FR"]')
    refusable = ('source = "C. assur., art. R. 112-7"', 'source = "C. assur., art. R. 112-7"\nrefusable = true')
    stack.policy.write_text(changed(languages, refusable, ('keeps = "before"', 'keeps = "nothing"')))
    return stack


def said(stack: Stack, event: dict[str, Any], name: str = "msg_1") -> int:
    body = json.dumps(event).encode()
    return call(stack, "POST", "/webhooks/standard", body, signed(body, name))[0]


def facts(stack: Stack) -> list[dict[str, Any]]:
    return list(boto3.resource("dynamodb").Table(stack.ref("CallsTable")).scan()["Items"])


def test_a_signed_event_is_taken_and_nothing_that_is_kept_of_it_names_anybody(line: Stack) -> None:
    assert said(line, CONNECTED) == 200
    messages = boto3.client("sqs").receive_message(QueueUrl=line.ref("CallsQueue"), VisibilityTimeout=0)["Messages"]
    line.come_back("CallsQueue")
    line.pump()
    kept = facts(line) + boto3.resource("dynamodb").Table(line.ref("AgentsTable")).scan()["Items"]
    assert {item["kind"] for item in facts(line) if "kind" in item} == {"connected", "with"}
    assert not [name for name in NAMES if name in plain((messages[0]["Body"] + str(kept)).lower())]


def test_fifty_deliveries_of_one_event_have_one_effect(line: Stack) -> None:
    for number in range(50):
        assert said(line, CONNECTED, f"msg_{number}") == 200
    line.pump()
    assert len([item for item in facts(line) if item["what"].startswith("fact#connected")]) == 1


@pytest.mark.parametrize(
    ("provider", "body", "headers", "status"),
    [
        ("standard", b'{"type": "call.ended", "call-id": "1"}', {}, 401),
        ("standard", b"{}", lambda: signed(b"{ }"), 401),
        ("standard", b"{}", lambda: signed(b"{}", at=datetime.now(UTC) - timedelta(minutes=6)), 401),
        ("standard", b"not json", None, 400),
        ("standard", b"[]", None, 400),
        ("standard", b'{"type": "call.objectd", "call-id": "1"}', None, 400),
        ("twilio", b"CallSid=CA1", {"X-Twilio-Signature": "AAAA"}, 401),
        ("zoom", b"{}", {"x-zm-signature": "v0=00", "x-zm-request-timestamp": "1"}, 401),
        ("zoom", b"\xff\xfe", {}, 401),
        ("ringcentral", b"{}", {"Verification-Token": "another"}, 401),
        ("vonage", b"{}", {"Authorization": "Bearer x"}, 404),
        ("nobody", b"{}", {}, 404),
        ("../twilio", b"{}", {}, 404),
    ],
)
def test_what_is_not_provably_a_providers_is_refused_and_the_log_says_by_which_check_alone(
    line: Stack,
    provider: str,
    body: bytes,
    headers: dict[str, str] | Callable[[], dict[str, str]] | None,
    status: int,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    log_here(monkeypatch)
    capsys.readouterr()
    headers = signed(body) if headers is None else headers() if callable(headers) else headers
    answered, text = call(line, "POST", f"/webhooks/{provider}".replace("../", "..%2f"), body, headers)
    problem = json.loads(text)
    assert (answered, problem["status"]) == (status, status)
    assert line.waiting("CallsQueue") == 0
    if status == 401:
        assert '"check"' in capsys.readouterr().out


def test_handshakes_are_answered(line: Stack) -> None:
    answered, _ = call(line, "POST", "/webhooks/ringcentral", b"", {"Validation-Token": "0af9-echo"})
    assert answered == 200


def test_an_agent_switches_their_own_off_and_on_and_sees_it(line: Stack) -> None:
    jeanne, target = bearer("agent"), "/agents/jeanne@exemple.example/recording"
    status, text = call(line, "PUT", target, {"state": "off", "reason": "personal-call"}, jeanne)
    assert (status, json.loads(text)["state"]) == (200, "off")
    status, text = call(line, "GET", target, None, jeanne)
    seen = json.loads(text)
    assert (status, seen["state"], seen["reason"], seen["until"]) == (200, "off", "personal-call", None)
    assert [duty["queue"] for duty in seen["recorded-anyway"]] == ["urgences"]
    assert json.loads(call(line, "PUT", target, {"state": "on"}, jeanne)[1])["state"] == "on"


@pytest.mark.parametrize(
    ("method", "who", "body", "status"),
    [
        ("PUT", {}, {"state": "off"}, 401),
        ("PUT", {"Authorization": "Bearer none.of.it"}, {"state": "off"}, 401),
        ("PUT", ("agent", "paul@exemple.example"), {"state": "off"}, 403),
        ("GET", ("agent", "paul@exemple.example"), None, 403),
        ("PUT", ("nobody",), {"state": "off"}, 403),
        ("PUT", ("supervisor", "paul@exemple.example"), {"state": "on"}, 403),
        ("PUT", ("agent",), {"state": "off", "until": "2020-01-01T00:00:00Z"}, 400),
        ("PUT", ("agent",), {"state": "off", "until": "2030-01-01T00:00:00"}, 400),
        ("PUT", ("agent",), {"state": "off", "reason": "lunch"}, 400),
        ("PUT", ("agent",), {"state": "of"}, 400),
        ("PUT", ("agent",), {}, 400),
    ],
)
def test_nobody_else_turns_a_switch_and_nothing_malformed_does(
    line: Stack, method: str, who: tuple[str, ...] | dict[str, str], body: dict[str, Any] | None, status: int
) -> None:
    target = "/agents/jeanne@exemple.example/recording"
    assert call(line, "PUT", target, {"state": "off", "reason": "mandate"}, bearer("agent"))[0] == 200
    before = call(line, "GET", target, None, bearer("agent"))[1]
    headers = bearer(*who) if isinstance(who, tuple) else who  # made now: a token does not last as long as a test run
    assert call(line, method, target, body, headers)[0] == status
    assert call(line, "GET", target, None, bearer("agent"))[1] == before


def test_what_was_off_while_the_agent_was_on_the_call_is_cut_when_the_recording_comes(line: Stack) -> None:
    began = datetime.now(UTC) - timedelta(seconds=30)
    part = f"{began.isoformat()}/"
    said(line, CONNECTED | {"started-at": began.isoformat(), "at": began.isoformat(), "announced": True})
    line.pump()
    target = "/agents/jeanne@exemple.example/recording"
    call(line, "PUT", target, {"state": "off", "reason": "other"}, bearer("agent"))
    off = datetime.now(UTC) - began
    call(line, "PUT", target, {"state": "on"}, bearer("agent"))
    metadata = {"call-id": "call-7", "source": "standard", "queue": "souscription", "contract-part": part}
    drop(line, "a.wav", wav(milliseconds=60_000), **metadata | {"started-at": began.isoformat()})
    line.pump()
    (row,) = rows(line).values()
    assert row["state"] == "transcribing"
    first, last = row["cuts"][-1]
    assert first <= off // MS <= last < 60_000


def test_an_objection_ends_what_is_here_and_what_comes_of_the_call(line: Stack) -> None:
    metadata = {"call-id": "CA77", "source": "twilio", "queue": "assurance"}
    drop(line, "a.wav", wav(), **metadata)
    line.pump()
    status, text = call(line, "POST", "/calls/CA77/objection", {"source": "twilio"}, bearer("agent"))
    assert (status, json.loads(text)["done"]) == (200, False)
    drop(line, "b.wav", wav(milliseconds=700), **metadata)
    line.pump()
    assert [row["ground"] for row in rows(line).values()] == ["objected", "objected"]
    assert everything(line) == {}


def test_a_payment_platform_signs_what_it_asks_and_playing_it_again_or_elsewhere_changes_nothing(line: Stack) -> None:
    target = "/calls/CA77/payment/start"
    body = json.dumps({"source": "twilio", "request": f"POST {target}"}).encode()
    headers = signed(body)
    for _ in range(3):
        assert call(line, "POST", target, body, headers)[0] == 200
    assert len([item for item in facts(line) if item["what"].startswith("fact#paying")]) == 1
    end = target.replace("start", "stop")
    ending = json.dumps({"source": "twilio", "request": f"POST {end}"}).encode()
    signature = signed(ending, "msg_2")
    for _ in range(3):
        assert call(line, "POST", end, ending, signature)[0] == 200
    assert len([item for item in facts(line) if item["what"].startswith("fact#paid")]) == 1
    assert call(line, "POST", "/calls/CA77/payment/stop", body, headers)[0] == 400
    assert call(line, "POST", "/calls/CA78/payment/start", body, headers)[0] == 400
    assert call(line, "POST", target, body, bearer("agent") | headers)[0] == 400
    assert call(line, "POST", target, {"source": "twilio"}, {})[0] == 401


def test_before_capture_a_machine_that_signs_is_answered_and_the_recording_is_judged_by_it(line: Stack) -> None:
    target = "/calls/call-9/decision"
    asked = {"source": "drop", "queue": "souscription", "agent": "jeanne", "request": f"POST {target}"}
    body = json.dumps(asked).encode()
    status, text = call(line, "POST", target, body, signed(body))
    assert (status, json.loads(text)["record"], json.loads(text)["grounds"]) == (200, False, ["no-useful-part"])
    part = f"{(datetime.now(UTC) - timedelta(hours=2)).isoformat()}/"
    drop(line, "a.wav", wav(), **{"call-id": "call-9", "queue": "souscription", "contract-part": part})
    line.pump()
    (row,) = rows(line).values()
    assert (row["state"], row["ground"]) == ("discarded", "refused-before-capture")
    assert call(line, "POST", target, body, bearer("agent"))[0] == 403


def flow(stack: Stack, **parameters: str) -> dict[str, str]:
    contact = {
        "ContactId": "c0ffee00-0000-4000-8000-000000000001", "Channel": "VOICE", "InitiationMethod": "INBOUND",
        "InstanceARN": "arn:aws:connect:eu-west-3:123456789012:instance/i-1",
        "CustomerEndpoint": {"Address": "+33199001234", "Type": "TELEPHONE_NUMBER"}, "Attributes": {},
    }  # fmt: skip
    event = {"Name": "ContactFlowEvent", "Details": {"ContactData": contact, "Parameters": parameters}}
    return dict(stack.invoke("Flow", event))


def test_a_connect_flow_is_told_yes_with_the_announcement_and_no_on_whatever_else(line: Stack) -> None:
    answered = flow(line, queue="assurance")
    assert (answered["record"], "touche 9" in answered["announcement"], answered["key"]) == ("true", True, "9")
    assert flow(line, queue="assurance", said="announced")["record"] == "true"
    assert flow(line, queue="assurance", said="objected") == {"record": "false", "ground": "objected"}
    assert flow(line, queue="assurance")["record"] == "false"
    assert flow(line, queue="another")["record"] == "false"
    assert flow(line, said="what")["record"] == "false"
    assert line.invoke("Flow", {"Details": None}) == {"record": "false", "ground": "error"}
    line.also["CALLS_TABLE"] = "no-such-table"
    assert flow(line, queue="assurance") == {"record": "false", "ground": "error"}


def test_connects_events_tell_what_its_recordings_do_not(line: Stack) -> None:
    contact, arn = "c0ffee00-0000-4000-8000-000000000002", "arn:aws:connect:eu-west-3:123456789012:instance/i-1"
    detail = {
        "eventType": "CONNECTED_TO_AGENT", "contactId": contact, "channel": "VOICE", "instanceArn": arn,
        "initiationMethod": "INBOUND", "initiationTimestamp": NOW.isoformat(),
        "queueInfo": {"queueArn": f"{arn}/queue/q-unknown"},
        "agentInfo": {"agentArn": f"{arn}/agent/a-1", "connectedToAgentTimestamp": NOW.isoformat()},
    }  # fmt: skip
    put_event("aws.connect", "Amazon Connect Contact Event", detail)
    line.pump()
    key = f"connect/demo/CallRecordings/{NOW:%Y/%m/%d}/{contact}_{NOW:%Y%m%dT%H:%M}_UTC.wav"
    boto3.client("s3").put_object(Bucket=line.ref("InboxBucket"), Key=key, Body=wav())
    line.pump()
    (row,) = rows(line).values()
    assert (row["state"], row["ground"], row["agent_channel"]) == ("discarded", "no-purpose", 1)


def verbs(text: str) -> list[tuple[str, str]]:
    return [(verb.tag, (verb.text or "").strip()) for verb in ElementTree.fromstring(text).iter()][1:]


def test_twilios_first_twiml_announces_hears_the_key_and_hands_on(line: Stack) -> None:
    fields = {"CallSid": "CA0000000000000000000000000000000a", "From": "+33199001234", "To": "+33199005678"}
    target = "/twilio/voice?queue=assurance"
    status, text = call(line, "POST", target, *from_twilio(target, fields))
    assert status == 200
    assert [tag for tag, _ in verbs(text)] == ["Gather", "Say", "Redirect"]
    assert 'finishOnKey=""' in text  # or `#` would be no key
    after = verbs(text)[2][1].removeprefix("https://calls.exemple.example")
    assert after == "/twilio/voice/answer?queue=assurance"
    on = verbs(call(line, "POST", after, *from_twilio(after, fields))[1])
    assert on == [("Redirect", "https://phones.exemple.example/next?step=2&SourdineRecord=true")]
    off = verbs(call(line, "POST", after, *from_twilio(after, fields | {"Digits": "9"}))[1])
    assert off == [("Redirect", "https://phones.exemple.example/next?step=2&SourdineRecord=false")]
    again = verbs(call(line, "POST", target, *from_twilio(target, fields))[1])
    assert again == off


def test_another_key_than_the_one_that_refuses_has_twilio_say_the_announcement_again(line: Stack) -> None:
    fields = {"CallSid": "CA0000000000000000000000000000000c", "From": "+33199001234", "To": "+33199005678"}
    target, after = "/twilio/voice?queue=assurance", "/twilio/voice/answer?queue=assurance"
    first = call(line, "POST", target, *from_twilio(target, fields))[1]
    for pressed in ("5", "#"):
        assert call(line, "POST", after, *from_twilio(after, fields | {"Digits": pressed}))[1] == first
    assert "announced" not in {item.get("kind") for item in facts(line)}
    off = verbs(call(line, "POST", after, *from_twilio(after, fields | {"Digits": "9"}))[1])
    assert off == [("Redirect", "https://phones.exemple.example/next?step=2&SourdineRecord=false")]


def test_a_twilio_call_that_one_of_ours_places_is_announced_to_nobody_and_goes_on_unrecorded(line: Stack) -> None:
    target = "/twilio/voice?queue=assurance"
    for number, caller in enumerate(("client:jeanne", "sip:104@exemple.sip.twilio.com")):
        fields = {"CallSid": f"CA000000000000000000000000000001{number:02}", "From": caller, "To": "+33199001234"}
        answered = call(line, "POST", target, *from_twilio(target, fields))[1]
        assert verbs(answered) == [("Redirect", "https://phones.exemple.example/next?step=2&SourdineRecord=false")]
    assert [(item["kind"], item["yes"]) for item in facts(line)] == [("answered", False)] * 2


def test_a_twilio_call_that_is_recorded_can_be_reached_before_its_recording_is_heard_of(line: Stack) -> None:
    fields = {"CallSid": "CA0000000000000000000000000000000d", "From": "+33199001234", "To": "+33199005678"}
    after = "/twilio/voice/answer?queue=assurance"
    call(line, "POST", after, *from_twilio(after, fields))
    assert not [item for item in facts(line) if item["what"].startswith("reach#")]
    account = {"AccountSid": "AC0000000000000000000000000000000a"}
    call(line, "POST", after, *from_twilio(after, fields | account))
    (reach,) = [item for item in facts(line) if item["what"].startswith("reach#")]
    assert (reach["provider"], reach["call_id"]) == ("twilio", fields["CallSid"])
    assert reach["ids"] == {"account": account["AccountSid"], "call": fields["CallSid"]}


def test_a_twilio_call_that_may_not_be_recorded_or_cannot_be_judged_goes_on_unrecorded(line: Stack) -> None:
    fields = {"CallSid": "CA0000000000000000000000000000000b", "From": "+33199001234", "To": "3290"}
    target = "/twilio/voice?queue=assurance"
    refused_at = [("Redirect", "https://phones.exemple.example/next?step=2&SourdineRecord=false")]
    assert verbs(call(line, "POST", target, *from_twilio(target, fields))[1]) == refused_at
    line.also["CALLS_TABLE"] = "no-such-table"
    free = fields | {"To": "+33199005678"}
    assert verbs(call(line, "POST", target, *from_twilio(target, free))[1]) == refused_at
    assert call(line, "POST", target, *from_twilio("/twilio/voice", free))[0] == 401


def test_the_functions_ask_for_nothing_that_their_roles_do_not_allow(line: Stack) -> None:
    said(line, CONNECTED | {"announced": True})
    line.pump()
    jeanne = bearer("agent")
    for state in ("off", "on"):
        call(line, "PUT", "/agents/jeanne@exemple.example/recording", {"state": state}, jeanne)
    drop(line, "a.wav", wav(), **{"call-id": "call-7", "source": "standard", "queue": "assurance"})
    line.pump()
    for act in ("payment/start", "payment/stop", "objection"):
        call(line, "POST", f"/calls/call-7/{act}", {"source": "standard"}, jeanne)
    drop(line, "b.wav", wav(), **{"call-id": "call-8", "source": "standard", "queue": "assurance"})
    line.pump()
    said(line, {"type": "call.objected", "call-id": "call-8"}, "msg_2")
    said(line, {"type": "call.ended", "call-id": "call-7"}, "msg_3")
    line.pump()
    flow(line, queue="assurance")
    flow(line, queue="assurance", said="objected")
    assert everything(line) == {}
    for function in ("APIHandler", "Hear", "Flow", "Receive"):
        assert refused(line.asked.needed[function], statements_of(line, function)) == set(), function


def test_a_switch_turned_under_an_e_mail_holds_for_the_name_that_telephony_knows(line: Stack) -> None:
    context = {"httpMethod": "PUT", "resourcePath": "/agents/{agent}/names"}
    identity = {"accountId": ACCOUNT, "identity": {"userArn": SYSTEM}}
    event = {
        "requestContext": context | identity, "headers": {"Content-Type": "application/json"},
        "pathParameters": {"agent": "jeanne@exemple.example"}, "multiValueQueryStringParameters": None,
        "stageVariables": None, "body": '{"names": ["a-1", "3201"]}', "isBase64Encoded": False,
    }  # fmt: skip
    assert line.invoke("APIHandler", event)["statusCode"] == 200
    said(line, CONNECTED | {"agent": "A-1", "queue": "assurance"})
    line.pump()
    target, off = "/agents/jeanne@exemple.example/recording", {"state": "off", "reason": "personal-call"}
    answered = json.loads(call(line, "PUT", target, off, bearer("agent"))[1])
    assert answered["reason"] == "personal-call"
    assert [(each["recording"], each["ground"]) for each in answered["calls"]] == [("pause", "agent-off")]
    assert call(line, "POST", "/calls/call-7/objection", {"source": "standard"}, bearer("agent"))[0] == 200


def test_a_source_that_nobody_knows_is_refused_so_that_no_refusal_is_lost(line: Stack) -> None:
    for source in ("Twilio", "amazon-connect", ""):
        assert call(line, "POST", "/calls/CA1/objection", {"source": source}, bearer("agent"))[0] == 400
    answered = json.loads(call(line, "POST", "/calls/CA1/objection", {"source": "twilio"}, bearer("agent"))[1])
    assert (answered["done"], answered["known"], answered["why"]) == (False, False, "no-way")


def test_whoever_asked_about_a_part_that_concludes_a_contract_and_was_told_yes_keeps_it(line: Stack) -> None:
    target, since = "/calls/call-9/decision", datetime.now(UTC) - timedelta(minutes=5)
    asked = {"source": "drop", "queue": "souscription", "announced": True, "request": f"POST {target}"}
    body = json.dumps(asked | {"contract-part": f"{since.isoformat()}/"}).encode()
    assert json.loads(call(line, "POST", target, body, signed(body))[1])["record"] is True
    began = (datetime.now(UTC) - timedelta(minutes=4)).isoformat()
    metadata = {"call-id": "call-9", "started-at": began}
    boto3.client("s3").put_object(Bucket=line.ref("InboxBucket"), Key="a.wav", Body=wav(), Metadata=metadata)
    line.pump()
    (row,) = rows(line).values()
    assert (row["state"], row["queue"]) == ("transcribing", "souscription")


def test_a_recording_is_fetched_by_a_function_that_may_do_nothing_else(line: Stack) -> None:
    with providers() as double:
        line.also["PROVIDERS_ENDPOINT"] = double.url
        sid, account, now = "RE00000000000000000000000000000003", "AC0001", datetime.now(UTC)
        url = f"https://api.twilio.com/2010-04-01/Accounts/{account}/Recordings/{sid}"
        double.answers.keep(url, wav())
        fields = {
            "AccountSid": account, "CallSid": "CA0000000000000000000000000000000c", "RecordingSid": sid,
            "RecordingUrl": url, "RecordingStatus": "completed", "RecordingStartTime": format_datetime(now),
            "RecordingChannels": "1",
        }  # fmt: skip
        target = "/webhooks/twilio"
        secret = {"signing": [TWILIO], "credentials": CREDENTIALS["twilio"]}
        boto3.client("secretsmanager").put_secret_value(
            SecretId=f"{STACK}/providers/twilio", SecretString=json.dumps(secret)
        )
        said_of = {"source": "twilio", "queue": "assurance", "announced": True, "language": "fr-FR"}
        path = f"/calls/{fields['CallSid']}/decision"
        body = json.dumps(said_of | {"request": f"POST {path}"}).encode()
        assert json.loads(call(line, "POST", path, body, signed(body))[1])["record"] is True
        assert call(line, "POST", target, *from_twilio(target, fields))[0] == 200
        line.pump()
    (row,) = rows(line).values()
    assert (row["state"], row["queue"]) == ("transcribing", "assurance")
    assert refused(line.asked.needed["Fetch"], statements_of(line, "Fetch")) == set()
