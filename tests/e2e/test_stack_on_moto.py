"""The whole machine on moto: the packaged template, the real handlers, a scripted recogniser."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime, timedelta

import boto3
import pytest

from chalicelib.__main__ import main
from tests.audio.coded import encoded, film
from tests.e2e.acts import age, drop, everything, hear, rows, statements_of
from tests.e2e.faults import failing_jobs, failing_uploads, refused_jobs
from tests.e2e.permissions import refused
from tests.e2e.stack import Stack
from tests.machines import CARD
from tests.plain import plain
from tests.sounds import chunk, fmt, riff, wav

NUMBER = "0821555366"
KEY = f"monitor/out-{NUMBER}-3201-20261124-083000-{{epoch}}.12206.wav"


def require_ends_on(stack: Stack, key: str, last_day: str) -> None:
    """By its tag, S3 ends the object on that day, or the day before when it is written late in the evening."""
    found = boto3.client("s3").get_object_tagging(Bucket=stack.ref("VaultBucket"), Key=key)["TagSet"]
    tags = {tag["Key"]: tag["Value"] for tag in found}
    left = timedelta(days=int(tags["retention-days"]) + 1)
    assert date.fromisoformat(last_day) - (datetime.now(UTC).date() + left) in (timedelta(0), timedelta(days=1))
    assert tags["last-day"] == last_day


def test_a_recording_goes_in_and_a_verified_one_comes_out_with_its_end(
    stack: Stack, capsys: pytest.CaptureFixture[str]
) -> None:
    epoch = int(datetime.now(UTC).timestamp()) - 3600
    boto3.client("s3").put_object(Bucket=stack.ref("InboxBucket"), Key=KEY.format(epoch=epoch), Body=wav("mu-law"))
    stack.pump()
    assert hear(stack, CARD) == 1
    stack.pump()
    ((recording_id, row),) = rows(stack).items()
    assert (row["state"], row["ground"]) == ("available", "verified")
    assert set(everything(stack)) == {"VaultBucket"}
    assert {key for key, _ in everything(stack)["VaultBucket"]} == {
        f"calls/{recording_id}/audio",
        f"calls/{recording_id}/transcript.json",
    }
    for key, _ in everything(stack)["VaultBucket"]:
        require_ends_on(stack, key, row["last_day"])
    assert boto3.client("transcribe").list_transcription_jobs().get("TranscriptionJobSummaries", []) == []
    printed = capsys.readouterr().out
    assert recording_id in printed
    kept = plain(printed + json.dumps(row, default=str))
    assert [name for name in (NUMBER, "3201", "12206", "4111", "monitor") if name in kept] == []


def test_every_tag_that_redaction_writes_has_its_lifecycle_rule(stack: Stack) -> None:
    s3 = boto3.client("s3")
    rules = s3.get_bucket_lifecycle_configuration(Bucket=stack.ref("VaultBucket"))["Rules"]
    by_tag = {r["Filter"]["Tag"]["Value"]: r["Expiration"]["Days"] for r in rules if "Tag" in r["Filter"]}
    assert {str(days): days for days in range(1, 185)}.items() <= by_tag.items()
    assert all(int(tag) == days for tag, days in by_tag.items())
    drop(stack, "late.wav", wav(), ago=timedelta(days=40), **{"call-id": "late"})
    stack.pump()
    hear(stack, CARD)
    stack.pump()
    ((recording_id, row),) = rows(stack).items()
    require_ends_on(stack, f"calls/{recording_id}/audio", row["last_day"])


def test_bad_and_good_drops_of_one_batch_each_have_their_own_end(stack: Stack) -> None:
    drop(stack, "calls/a b+c&é=?.wav", wav(), **{"call-id": "1"})
    drop(stack, "записи/звонок.wav", wav("pcm24"), **{"call-id": "2"})
    drop(stack, "empty.wav", b"", **{"call-id": "3"})
    drop(stack, "text.wav", b"Bonjour\n" * 400, **{"call-id": "4"})
    drop(stack, "cut.wav", wav()[:3000], **{"call-id": "5"})
    drop(stack, "old.wav", wav(), ago=timedelta(days=185), **{"call-id": "6"})
    stack.pump()
    hear(stack, CARD)
    stack.pump()
    ends = sorted((row["state"], row["ground"]) for row in rows(stack).values())
    assert ends == [
        ("available", "verified"),
        ("available", "verified"),
        ("discarded", "past-retention"),
        ("quarantined", "empty"),
        ("quarantined", "not-audio"),
        ("quarantined", "truncated"),
    ]
    assert set(everything(stack)) == {"VaultBucket", "QuarantineBucket"}
    assert len(everything(stack)["QuarantineBucket"]) == 3
    assert [stack.waiting(queue) for queue in ("ArrivalsQueue", "TranscribeQueue", "RedactQueue")] == [0, 0, 0]


def test_the_same_events_again_make_no_second_row_and_no_second_job(stack: Stack) -> None:
    for _ in range(2):
        drop(stack, "call.wav", wav(), **{"call-id": "1"})
        stack.pump()
    assert hear(stack, CARD) == 1
    for _ in range(3):
        stack.pump()
        hear(stack, CARD)
    assert [row["state"] for row in rows(stack).values()] == ["available"]
    assert set(everything(stack)) == {"VaultBucket"}


def test_a_poison_message_ends_among_the_dead_letters_and_holds_up_nobody(stack: Stack) -> None:
    boto3.client("sqs").send_message(QueueUrl=stack.ref("ArrivalsQueue"), MessageBody="not an event")
    drop(stack, "call.wav", wav(), **{"call-id": "1"})
    for _ in range(102):
        stack.pump()
        stack.come_back("ArrivalsQueue")
    assert [row["state"] for row in rows(stack).values()] == ["transcribing"]
    assert (stack.waiting("ArrivalsQueue"), stack.waiting("ArrivalsDeadLetters")) == (0, 1)


def test_an_event_that_is_lost_is_made_good_by_the_poll(stack: Stack) -> None:
    drop(stack, "call.wav", wav(), **{"call-id": "1"})
    stack.pump()
    hear(stack, CARD, tell=False)
    stack.pump()
    assert [row["state"] for row in rows(stack).values()] == ["transcribing"]
    assert stack.tick("Poll") == {"sent": 1}
    stack.pump()
    assert [row["state"] for row in rows(stack).values()] == ["available"]


def test_the_nightly_sweep_ends_what_is_past_its_day(stack: Stack) -> None:
    drop(stack, "empty.wav", b"", **{"call-id": "1"})
    stack.pump()
    ((recording_id, _),) = rows(stack).items()
    age(stack)
    assert stack.tick("Sweep") == {"ended": 1}
    row = rows(stack)[recording_id]
    assert (row["state"], row["settled"]) == ("discarded", True)
    assert everything(stack) == {}


def test_the_sweep_forgets_rows_and_ledger_lines_of_what_ended_long_ago(
    stack: Stack, capsys: pytest.CaptureFixture[str]
) -> None:
    drop(stack, "empty.wav", b"", **{"call-id": "1"})
    stack.pump()
    age(stack)
    stack.tick("Sweep")
    (row,) = rows(stack).values()
    assert date.fromisoformat(row["due_on"]) > date.today() + timedelta(days=360)
    assert stack.tick("Sweep") == {"ended": 0}
    assert len(rows(stack)) == 1
    age(stack)
    assert stack.tick("Sweep") == {"ended": 0}
    capsys.readouterr()
    tables = ["--recordings", stack.ref("RecordingsTable"), "--ledger", stack.ref("LedgerTable")]
    assert main(["ledger", "verify", *tables]) == 0
    assert capsys.readouterr().out == "0 recordings, 0 lines, all chained\n"


def test_the_ledger_of_whatever_the_stack_did_is_chained(stack: Stack, capsys: pytest.CaptureFixture[str]) -> None:
    drop(stack, "call.wav", wav(), **{"call-id": "1"})
    drop(stack, "empty.wav", b"", **{"call-id": "2"})
    stack.pump()
    hear(stack, CARD)
    stack.pump()
    drop(stack, "call.wav", wav(), **{"call-id": "1"})
    stack.pump()
    age(stack)
    assert stack.tick("Sweep") == {"ended": 2}
    capsys.readouterr()
    tables = ["--recordings", stack.ref("RecordingsTable"), "--ledger", stack.ref("LedgerTable")]
    assert main(["ledger", "verify", *tables]) == 0
    lines = boto3.resource("dynamodb").Table(stack.ref("LedgerTable")).scan()["Count"]
    assert capsys.readouterr().out == f"2 recordings, {lines} lines, all chained\n"


def long(minutes: int) -> bytes:
    """A card, then nothing: so long that S3 is asked to copy some of it."""
    samples = wav()[44:]
    return riff(fmt("pcm16", 2), chunk(b"data", samples + bytes(minutes * 60 * 8_000 * 4)))


def test_a_long_recording_is_composed_where_it_lies_and_an_upload_that_fails_leaves_nothing(stack: Stack) -> None:
    body = long(6)
    drop(stack, "long.wav", body, **{"call-id": "1"})
    stack.pump()
    hear(stack, CARD)
    with failing_uploads():
        stack.pump()
    s3 = boto3.client("s3")
    assert s3.list_multipart_uploads(Bucket=stack.ref("WorkBucket")).get("Uploads", []) == []
    assert [row["state"] for row in rows(stack).values()] == ["redacting"]
    stack.come_back("RedactQueue")
    stack.pump()
    ((recording_id, row),) = rows(stack).items()
    assert (row["state"], set(everything(stack))) == ("available", {"VaultBucket"})
    stored = s3.get_object(Bucket=stack.ref("VaultBucket"), Key=f"calls/{recording_id}/audio")
    assert (stored["ContentType"], stored["ContentLength"]) == ("audio/wav", len(body))
    asked = stack.asked.needed["Redact"]
    assert "s3:AbortMultipartUpload" in {action for action, _ in asked}
    assert refused(asked, statements_of(stack, "Redact")) == set()


OTHERS = [("ogg", "libopus", 48000, 2, 24), ("wav", "pcm_alaw", 8000, 2, 0)]


@pytest.mark.parametrize("form", OTHERS, ids=lambda form: form[1])
def test_what_the_recogniser_may_not_read_is_given_to_it_as_linear_wav(
    stack: Stack, form: tuple[str, str, int, int, int]
) -> None:
    drop(stack, "call", encoded(*form), **{"call-id": "1"})
    stack.pump()
    assert {key.split("/")[0] for key, _ in everything(stack)["WorkBucket"]} == {"raw", "listened"}
    hear(stack, CARD)
    stack.pump()
    assert [row["state"] for row in rows(stack).values()] == ["available"]
    assert set(everything(stack)) == {"VaultBucket"}
    for function in ("Receive", "Transcribe", "Redact"):
        assert refused(stack.asked.needed[function], statements_of(stack, function)) == set(), function


def test_each_function_may_do_what_it_does_and_no_role_names_a_wildcard_bucket(stack: Stack) -> None:
    drop(stack, "call.wav", wav(), **{"call-id": "1"})
    drop(stack, "unheard.wav", wav(milliseconds=900), **{"call-id": "2"})
    drop(stack, "empty.wav", b"", **{"call-id": "3"})
    stack.pump()
    hear(stack, CARD, tell=False)
    stack.tick("Poll")
    stack.pump()
    assert sorted(row["state"] for row in rows(stack).values()) == ["available", "quarantined", "quarantined"]
    drop(stack, "failing.wav", wav(milliseconds=700), **{"call-id": "4"})
    with failing_jobs():
        for _ in range(2):
            stack.pump()
            hear(stack, CARD, "FAILED")
            stack.pump()
    drop(stack, "refused.wav", wav(milliseconds=600), **{"call-id": "5"})
    with refused_jobs():
        stack.pump()
    drop(stack, "call.wav", wav(), **{"call-id": "1"})
    stack.pump()
    age(stack)
    stack.tick("Sweep")
    assert {row["state"] for row in rows(stack).values()} == {"expired", "discarded"}
    assert everything(stack) == {}
    age(stack)
    stack.tick("Sweep")
    assert rows(stack) == {}
    assert set(stack.asked.needed) == {"Receive", "Transcribe", "Redact", "Poll", "Sweep"}
    for function, needed in stack.asked.needed.items():
        statements = statements_of(stack, function)
        assert refused(needed, statements) == set(), function
        broad = [s for s in statements if s.get("Resource") == "*" or "*" in s["Action"]]
        spared = [["transcribe:StartTranscriptionJob"], ["ses:SendEmail"]]  # the latter under the sender's name alone
        assert all(s["Action"] in spared for s in broad), function
        assert all("Condition" in s for s in broad if s["Action"] == ["ses:SendEmail"]), function


def test_every_bucket_is_closed_encrypted_and_speaks_tls_only(stack: Stack) -> None:
    s3 = boto3.client("s3")
    for bucket in ("InboxBucket", "WorkBucket", "QuarantineBucket", "VaultBucket", "ExportsBucket"):
        name = stack.ref(bucket)
        policy = stack.template["Resources"][f"{bucket}Policy"]["Properties"]["PolicyDocument"]["Statement"][0]
        assert (policy["Effect"], policy["Condition"]) == ("Deny", {"Bool": {"aws:SecureTransport": "false"}})
        assert set(s3.get_public_access_block(Bucket=name)["PublicAccessBlockConfiguration"].values()) == {True}
        rule = s3.get_bucket_encryption(Bucket=name)["ServerSideEncryptionConfiguration"]["Rules"][0]
        assert rule["ApplyServerSideEncryptionByDefault"]["SSEAlgorithm"] == "aws:kms"
        assert s3.get_bucket_lifecycle_configuration(Bucket=name)["Rules"]
    keys = stack.template["Resources"]["QuarantineKey"]["Properties"]["KeyPolicy"]
    granted = json.dumps(stack.resolver.resolve(keys))
    assert "kms:Decrypt" not in granted
    assert "kms:*" not in granted


def test_a_film_is_deleted_and_counted_for_the_alarm(stack: Stack, capsys: pytest.CaptureFixture[str]) -> None:
    drop(stack, "call.mp4", film("mp4"), **{"call-id": "1"})
    stack.pump()
    assert [row["ground"] for row in rows(stack).values()] == ["screen-recording"]
    assert everything(stack) == {}
    assert '"Name":"screens"' in capsys.readouterr().out


def test_what_was_off_is_cut_by_functions_that_are_allowed_to(stack: Stack) -> None:
    began = datetime.now(UTC) - timedelta(hours=1)
    off = f"{began.isoformat()}/{(began + timedelta(milliseconds=100)).isoformat()}"
    stack.also["CUT_MARGIN_MS"] = "0"
    drop(stack, "call.wav", wav(), **{"call-id": "1", "payment": off, "started-at": began.isoformat()})
    stack.pump()
    hear(stack, CARD)
    stack.pump()
    ((recording_id, row),) = rows(stack).items()
    assert row["state"] == "available"
    assert "cut" in {muted["kind"] for muted in row["muted"]}
    drop(stack, "call.wav", wav(), **{"call-id": "1", "mandate": "true", "started-at": began.isoformat()})
    stack.pump()
    assert rows(stack)[recording_id]["ground"] == "mandate"
    assert everything(stack) == {}
    for function in ("Receive", "Transcribe", "Redact"):
        assert refused(stack.asked.needed[function], statements_of(stack, function)) == set(), function
