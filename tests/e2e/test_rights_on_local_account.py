"""Twenty calls of five callers and three agents through the deployed package, and what each right does to them.

Real are the package and the command that deploys it, the Lambdas, the queues, HTTP, the recogniser (Whisper hears
every call), the redaction and the pool that agents sign in to. The emulator plays AWS: it keeps text messages and
e-mails instead of sending them, and takes the DPO's access key without checking the signature. Twilio is a double.

The account is everybody's: each test has a caller of its own, or what the ones before leave of theirs. The effect is
looked for in every version in every bucket and in every item of every table.
"""

from __future__ import annotations

import hashlib
import io
import json
import re
import urllib.request
import zipfile
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import jsonschema
import pytest

from infra.local.demo import CALLS
from infra.local.listen import listen, part
from tests.e2e.kept import grounds, kept, logged, rows, rows_of, sound, where
from tests.e2e.there import DPO, There, until
from tests.e2e.twenty_calls import (
    AGENTS,
    ANNA,
    BEN,
    CALLERS,
    CLEO,
    DAN,
    EVE,
    SPOKEN,
    call_by_twilio,
    calls,
    deployed_for_people,
    drop,
    settled,
)

pytestmark = pytest.mark.local

COUNTED = {"Recordings", "Tombstones", "Agents"}
"""Where an erased call's own reference still stands: its row, its tombstone, and for some weeks the agent's ceiling."""

Row = dict[str, Any]


@pytest.fixture(scope="module")
def there(tmp_path_factory: pytest.TempPathFactory) -> Iterator[There]:
    """All calls are on their way but the last caller's, and one of Ben's lies at Twilio too."""
    with deployed_for_people(tmp_path_factory.mktemp("rights")) as found:
        own = calls()
        for caller in CALLERS[:-1]:
            drop(found, own[caller])
        call_by_twilio(found, BEN)
        yield found


def heard(there: There, number: str, calls: int = 4) -> list[Row]:
    """A caller's rows, once all of them are verified and in the vault."""

    def all_available() -> list[Row] | None:
        found = rows_of(there.outputs, number)
        return found if len(found) == calls and {row["state"] for row in found} == {"available"} else None

    return list(until(all_available))


def told(said: dict[str, Any]) -> dict[str, int]:
    """What an answer counts."""
    return {each["code"]: int(each["count"]) for each in said["answer"]["told"]}


def opened(there: There, link: str) -> dict[str, bytes]:
    """The files of a package, had by its link."""
    status, body = there.open("GET", link)
    assert status == 200
    return unpacked(body)


def unpacked(body: bytes) -> dict[str, bytes]:
    with zipfile.ZipFile(io.BytesIO(body)) as package:
        return {name: package.read(name) for name in package.namelist()}


def audible(body: bytes, folder: Path, *at: tuple[int, int, int]) -> bool:
    """Whether anything sounds in one of those stretches of a channel, as another decoder hears it."""
    path = folder / "copy.wav"
    path.write_bytes(body)
    heard = listen(path)
    return any(part(heard, *each).any() for each in at)


def cards(call: str) -> list[tuple[int, int, int]]:
    """Where the card is spoken, by the truth beside the call."""
    truth = json.loads((CALLS / f"{call}.json").read_text())["words"]
    return [(word["start_ms"], word["end_ms"], word["channel"]) for word in truth if word["sensitive"]]


def test_who_asks_by_e_mail_has_the_code_there_and_is_answered_that_there_is_nothing(there: There) -> None:
    who = "anna@exemple.example"
    assert set(told(there.answer(there.proven("access", who), who))) == {"nothing-found"}


def test_an_erasure_that_races_with_redactions_in_flight_leaves_nothing_of_them(there: There) -> None:
    """One job is heard at a time, in turn: theirs are behind those of seventeen calls."""
    begun = {"transcribing", "redacting", "available"}
    until(lambda: [row["state"] in begun for row in rows(there.outputs)] == [True] * 17)
    drop(there, calls()[EVE])

    def on_their_way() -> list[Row] | None:
        found = rows_of(there.outputs, EVE)
        return found if [row["state"] for row in found] == ["transcribing"] * 4 else None

    duty, *gone = until(on_their_way)
    said = there.answer(there.proven("erasure", EVE), EVE)
    assert (told(said)["recordings-erased"], told(said)["tombstone"], told(said)["kept-duty"]) == (3, 3, 1)
    assert [row["id"] for row in heard(there, EVE, 1)] == [duty["id"]]
    settled(there)
    assert where(there.outputs, *(row["id"] for row in gone)) == {"Recordings", "Ledger"}
    assert where(there.outputs, *(row["call_ref"] for row in gone)) <= COUNTED
    assert all("verified" not in grounds(there.outputs, row) for row in gone)


def test_a_copy_is_everything_and_can_be_had_once(there: There, tmp_path: Path) -> None:
    own = heard(there, ANNA)
    said = there.answer(there.proven("access", ANNA), ANNA)
    assert (said["status"], told(said)) == ("answered", {"recordings-copied": 4})
    status, body = there.open("GET", said["link"])
    assert (status, there.open("GET", said["link"])[0]) == (200, 404)
    assert where(there.outputs, hashlib.sha256(body).hexdigest()) == {"Requests"}
    files = unpacked(body)
    index = {each["name"]: each["sha256"] for each in json.loads(files.pop("index.json"))["files"]}
    assert index == {name: hashlib.sha256(content).hexdigest() for name, content in files.items()}
    jsonschema.validate(
        json.loads(files["data.json"]), json.loads(files["schema.json"]), format_checker=jsonschema.FormatChecker()
    )
    copies = [each for call in json.loads(files["data.json"])["calls"] for each in call["recordings"]]
    in_vault = {row["id"]: sound(there.outputs, row) for row in own}
    assert {each["recording"]: files[f"recordings/{each['name']}.wav"] for each in copies} == in_vault
    assert all(json.loads(files[f"recordings/{each['name']}.vcon.json"])["vcon"] for each in copies)
    assert not any(audible(in_vault[row["id"]], tmp_path, *cards(SPOKEN[row["queue"]][0])) for row in own)
    token = said["link"].rsplit("/", 1)[1]
    status, _ = there.ask("POST", f"/requests/{said['request']}/downloaded", {"token": token})
    assert status == 200
    assert f"{said['request']}.zip" not in {each.key for each in kept(there.outputs)}


def test_an_erasure_leaves_the_person_nowhere_but_where_the_receipt_says(there: There) -> None:
    duty, *gone = heard(there, BEN, 5)
    said = told(there.answer(there.proven("erasure", BEN), BEN))
    assert (said["recordings-erased"], said["objects-erased"], said["tombstone"]) == (4, 8, 4)
    assert (said["kept-duty"], said["provider-asked"]) == (1, 1)
    settled(there)
    assert where(there.outputs, *(row["id"] for row in gone)) == {"Recordings", "Ledger"}
    assert where(there.outputs, *(row["call_ref"] for row in gone)) <= COUNTED
    assert where(there.outputs, BEN) == {"Requests"}  # to write to, until the answer is a week old
    assert where(there.outputs, *(call["call-id"] for call in calls()[BEN])) == set()
    left = [row for row in rows(there.outputs) if row["id"] in {each["id"] for each in gone}]
    emptied = {(row["state"], row["agent_ref"], row["started_at"], row["queue"]) for row in left}
    assert emptied == {("erased", "", None, "")}
    assert [row["id"] for row in rows_of(there.outputs, BEN)] == [duty["id"]]
    asked = [(each["method"], each["status"]) for each in there.double.answers.asked if each["provider"] == "twilio"]
    assert ("DELETE", 204) in asked


def test_a_missed_card_is_muted_at_once_and_a_statement_kept(there: There, tmp_path: Path) -> None:
    own, statement = heard(there, CLEO), "Je n'ai jamais dit oui."
    request = there.proven("rectification", CLEO, text=statement, **{"bank-data": True})
    until(lambda: all("muted-again" in grounds(there.outputs, row) for row in own))
    row, dpo = own[-1], there.token("dpo@exemple.example", "dpo")
    missed, rest = (2000, 3000, 0), (300, 1500, 1)
    assert audible(sound(there.outputs, row), tmp_path, missed)
    spans = [dict(zip(("start-ms", "end-ms", "channel"), missed, strict=True))]
    assert there.ask("POST", f"/recordings/{row['id']}/muting", {"spans": spans}, dpo)[0] == 202
    until(lambda: grounds(there.outputs, row).count("muted-again") == 2)
    assert not audible(sound(there.outputs, row), tmp_path, missed)
    assert audible(sound(there.outputs, row), tmp_path, rest)
    assert there.ask_as(DPO, "POST", f"/desk/requests/{request}/release", {})[0] == 200
    assert told(there.answer(request, CLEO))["statement-kept"] == 4
    assert where(there.outputs, statement) == {"Vault", "Requests"}


def test_what_is_recorded_on_legitimate_interest_is_not_portable_and_the_answer_says_why(there: There) -> None:
    heard(there, CLEO)
    said = there.answer(there.proven("portability", CLEO), CLEO)
    (no,) = said["answer"]["told"]
    assert (no["code"], no["count"], "20" in no["text"]) == ("not-portable", 4, True)
    files = opened(there, said["link"])
    assert json.loads(files["data.json"])["recordings"] == []
    assert not [name for name in files if name.startswith("recordings/")]


def test_a_supervisor_hears_their_team_and_of_no_other_is_told_that_it_exists(there: There) -> None:
    _, row, other, _ = heard(there, CLEO)
    agent = calls()[CLEO][1]["agent"]
    assert there.ask_as(DPO, "PUT", f"/agents/{agent}/teams", {"teams": ["north"]}) == (200, {"teams": 1})
    lead = there.token("lead@exemple.example", "supervisor", teams="north")

    def listening(recording: str, purpose: str = "training") -> tuple[int, Any]:
        return there.ask("POST", f"/recordings/{recording}/listen", {"purpose": purpose}, lead)

    status, said = listening(row["id"])
    assert status == 200, said
    with urllib.request.urlopen(said["url"], timeout=30) as answer:
        assert answer.read() == sound(there.outputs, row)
    assert grounds(there.outputs, row)[-1] == "listened:training"
    assert listening(row["id"], "curiosity")[0] == 403
    assert listening(other["id"]) == listening("nobodys")
    assert listening(other["id"])[0] == 404


def test_a_restriction_holds_until_whoever_asked_for_it_wants_an_erasure(there: There) -> None:
    own = heard(there, DAN)
    said = there.answer(there.proven("restriction", DAN), DAN)
    assert told(said) == {"recordings-restricted": 4}
    chief = there.token("chief@exemple.example", "supervisor", teams="north")
    heard_by_chief = [
        there.ask("POST", f"/recordings/{row['id']}/listen", {"purpose": "training"}, chief)[0] for row in own
    ]
    assert heard_by_chief == [404] * 4
    dpo = there.token("dpo-too@exemple.example", "dpo")
    assert there.ask("POST", f"/recordings/{own[0]['id']}/listen", {"purpose": "request"}, dpo)[0] == 200
    said = there.answer(there.proven("erasure", DAN), DAN)
    assert (told(said)["recordings-erased"], told(said)["kept-duty"]) == (3, 1)
    assert [row["state"] for row in rows_of(there.outputs, DAN)] == ["held"]


def test_who_objects_is_recorded_no_more_and_the_decision_before_capture_knows(there: There) -> None:
    there.proven("objection", DAN)
    asked = {"source": "pbx", "queue": "service-client"}
    status, said = there.ask_signed("/calls/next-1/decision", asked | {"lines": [DAN]})
    assert (status, said["record"], said["grounds"][0]) == (200, False, "objected")
    status, said = there.ask_signed("/calls/next-2/decision", asked | {"lines": [CLEO]})
    assert (status, "objected" in said["grounds"]) == (200, False)


def test_an_agent_has_a_copy_by_their_token_and_another_sees_nothing_of_it(there: There) -> None:
    jeanne, paul = (there.token(name, "agent") for name in AGENTS[:2])
    status, said = there.ask("POST", "/requests", {"right": "access", "language": "fr"}, jeanne)
    assert status == 201, said
    path = f"/requests/{said['request']}"
    assert there.ask_as(DPO, "POST", f"/desk{path}/release")[0] == 200, "what an agent asks for concerns callers too"
    until(lambda: there.ask("GET", path, None, jeanne)[1]["status"] == "answered")
    answer = there.ask("POST", f"{path}/answer", {}, jeanne)[1]
    data = json.loads(opened(there, answer["link"])["data.json"])
    assert len(data["calls"]) == told(answer)["recordings-copied"] > 0
    assert data["agent"] == {"switch": None, "off": [], "acknowledgements": []}
    assert there.ask("GET", path, None, paul)[0] == 404
    assert there.ask("POST", f"{path}/answer", {}, paul)[0] == 404


def test_two_erasures_and_a_copy_that_race_all_end(there: There) -> None:
    """What loses a race comes back when its message does: the last one wins, and nothing is left of what is erased."""
    duty, *gone = heard(there, ANNA)
    codes = {there.asked(right, ANNA): there.code(ANNA) for right in ("access", "erasure", "erasure")}
    for request, code in codes.items():
        assert there.ask("POST", f"/requests/{request}/proof", {"code": code})[0] == 200
    copy, *erasures = codes
    ends = {there.answer(request, ANNA)["status"] for request in erasures}
    assert ends in ({"answered"}, {"answered", "refused"})  # whichever came second may have found the duty's alone
    assert [row["id"] for row in rows_of(there.outputs, ANNA)] == [duty["id"]]
    assert where(there.outputs, *(row["id"] for row in gone)) == {"Recordings", "Ledger"}
    files = opened(there, there.answer(copy, ANNA)["link"])
    assert len([name for name in files if name.endswith(".wav")]) == 1


def test_the_desk_owes_nobody_and_its_register_names_nobody(there: There) -> None:
    until(lambda: there.ask_as(DPO, "GET", "/desk/requests") == (200, {"requests": []}))
    assert there.ask("GET", "/desk/requests")[0] == 403
    month = f"{datetime.now(ZoneInfo('Europe/Paris')):%Y-%m}"
    status, register = there.ask_as(DPO, "GET", f"/desk/register?month={month}")
    assert status == 200
    assert not [number for number in CALLERS if number[-8:] in json.dumps(register)]


def test_no_log_line_names_a_caller_an_agent_or_a_code(there: There) -> None:
    said = logged()
    codes = re.findall(r"\b\d{6}\b", "\n".join(text for number in CALLERS for text in there.letters(number)))
    named = [*(number[1:] for number in CALLERS), *AGENTS, "anna@exemple"]
    assert '"request-answered"' in said
    assert [each for each in named if each in said] == []
    assert codes and not set(re.findall(r"\bcode\W{1,8}(\d{6})\b", said)) & set(codes)
    assert "Traceback" not in said
