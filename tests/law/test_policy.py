"""An unlawful policy is refused, with the line and the remedy; a lawful one says what it lets be recorded."""

# ruff: noqa: E501 - the table of bad policies is read row by row

from __future__ import annotations

import re
import tomllib
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from chalicelib.errors import InvalidPolicy
from chalicelib.law.lines import line_of
from chalicelib.law.load import Problem, load
from chalicelib.law.parts import DELETABLE, HEARD
from chalicelib.law.period import Period
from chalicelib.law.policy import Policy
from chalicelib.law.queue import Purpose
from chalicelib.law.texts import LANGUAGES, length
from chalicelib.speech.words import LANGUAGES as SPOKEN
from tests.policies import TEXT, changed, policy

EXAMPLE = (Path(__file__).parents[2] / "infra/policy.toml").read_text("utf-8")


def refused(text: str) -> list[Problem]:
    """Why; each reason has to be sayable in both languages."""
    with pytest.raises(InvalidPolicy) as caught:
        load(text)
    problems = [problem for problem in caught.value.problems if isinstance(problem, Problem)]
    assert problems and len(problems) == len(caught.value.problems)
    for problem in problems:
        for language in LANGUAGES:
            said = problem.text(language)
            assert said.startswith(("line ", "ligne ") if problem.line else ("the file: ", "le fichier : "))
            assert not re.search(r"\{[a-z_]+\}", said)
    return problems


def line(text: str, wanted: str, number: int = 0) -> int:
    """Where a line begins with that text."""
    return [n for n, each in enumerate(text.split("\n"), 1) if each.startswith(wanted)][number]


QUALITY_END = 'retention = { months = 6 }\nrecipients = ["Formation"]'
NEW_QUEUE = '[duties.emergency]\nsource = "Un texte, art. 1"'

BAD = [
    # name, what is changed, the code, the line that is named (None: the file), a word of the remedy
    ("misspelt key", [("zone =", "zoen =")], "unknown-key", "zoen", "`zone`"),
    ("misspelt in a queue", [("share_percent", "share_precent")], "unknown-key", "share_precent", "`share_percent`"),
    ("misspelt in an inline table", [("calls = 2, each", "call = 2, each")], "unknown-key", "ceiling", "`calls`"),
    ("misspelt in an announcement", [('text = "Exemple SAS', 'txt = "Exemple SAS')], "unknown-key", "txt", "`text`"),
    ("misspelt in a duty", [('source = "Un texte, art. 1"', 'suorce = "Un texte, art. 1"')], "unknown-key", "suorce", "`source`"),
    ("misspelt in a source", [("[sources.connect]\nannounces", "[sources.connect]\nanounces")], "unknown-key",
     "anounces", "`announces`"),
    ("a key of nobody's", [("version =", "x = 1\nversion =")], "unknown-key", "x = 1", "no key of a policy"),
    ("a negative share", [("share_percent = 50", "share_percent = -5")], "share-not-positive", "share_percent", "0%"),
    ("0 %", [("share_percent = 50", "share_percent = 0")], "share-not-positive", "share_percent", "leave the queue out"),
    ("0.0 %", [("share_percent = 50", "share_percent = 0.0")], "share-not-positive", "share_percent", "0%"),
    ("100 %", [("share_percent = 50", "share_percent = 100")], "systematic", "share_percent", "below 100"),
    ("150 %", [("share_percent = 50", "share_percent = 150")], "systematic", "share_percent", "below 100"),
    ("more than half", [("share_percent = 50", "share_percent = 50.01")], "half", "share_percent", "SAN-2024-014"),
    ("just below all", [("share_percent = 50", "share_percent = 99.99")], "half", "share_percent", "50 at most"),
    ("next to nothing", [("share_percent = 50", "share_percent = 1e-999999")], "share-not-positive", "share_percent", "0%"),
    ("no share", [("share_percent = 50\n", "")], "systematic", "[[queues]]", "below 100"),
    ("a share in quotes", [("share_percent = 50", 'share_percent = "50"')], "not-a-number", "share_percent", "quotes"),
    ("a share of yes", [("share_percent = 50", "share_percent = true")], "not-a-number", "share_percent", "number"),
    ("a share of NaN", [("share_percent = 50", "share_percent = nan")], "not-finite", "share_percent", "finite"),
    ("an endless share", [("share_percent = 50", "share_percent = inf")], "not-finite", "share_percent", "finite"),
    ("no ceiling", [('ceiling = { calls = 2, each = "week" }\n', "")], "no-ceiling", "[[queues]]", "ceiling = {"),
    ("a ceiling of none", [("calls = 2", "calls = 0")], "too-small", "ceiling", "1 at least"),
    ("a ceiling each year", [('each = "week"', 'each = "year"')], "none-of", "ceiling", "day, week, month"),
    ("unknown zone", [("Europe/Paris", "Europe/Pariss")], "unknown-zone", "zone", "IANA"),
    ("a zone that is a folder", [("Europe/Paris", "Europe")], "unknown-zone", "zone", "IANA"),
    ("a zone that is a path", [("Europe/Paris", "../../etc/passwd")], "unknown-zone", "zone", "IANA"),
    ("a zone of nothing", [("Europe/Paris", "")], "unknown-zone", "zone", "IANA"),
    ("a zone that is a list", [('"Europe/Paris"', '["Europe/Paris"]')], "unknown-zone", "zone", "IANA"),
    ("unknown holidays", [("zone =", 'holidays = "bretagne"\nzone =')], "unknown-region", "holidays", "alsace-moselle"),
    ("holidays in a list", [("zone =", 'holidays = ["mainland"]\nzone =')], "unknown-region", "holidays", "mainland"),
    ("a language without announcement", [('"en-GB"]', '"en-GB", "de-DE"]')], "no-announcement", "languages",
     "[announcement.de-DE]"),
    ("no language", [('["fr-FR", "en-GB"]', "[]")], "empty-array", "languages", "`languages`"),
    ("a language that is a text", [('["fr-FR", "en-GB"]', '"fr-FR"')], "not-an-array", "languages", "array"),
    ("an announcement without the key", [("Press 9 to", "Tell us to")], "no-way-to-refuse", "text = \"Exemple", "key 9"),
    ("the key within another number", [("Press 9 to", "Dial 1990 to")], "no-way-to-refuse", "text = \"Exemple", "key 9"),
    ("a language that no detector knows", [('"en-GB"]', '"ja-JP"]')], "unheard-language", "languages", "fr, en, es"),
    ("an announcement that says nothing of recording", [("may record this call", "may hear this call")],
     "no-recording-said", "text = \"Exemple SAS may", "may be recorded"),
    ("a French one that says nothing of it", [("peut être enregistré", "peut être écouté")], "no-recording-said",
     "text = \"Cet appel", "may be recorded"),
    ("a duty by hearsay", [('"Un texte, art. 1"', '"Un vieux texte"')], "no-source", "source", "an article and a number"),
    ("a duty by a number", [('"Un texte, art. 1"', '"12345678"')], "no-source", "source", "an article"),
    ("a duty in short", [('"Un texte, art. 1"', '"art. 1"')], "no-source", "source", "cite the text"),
    ("a proof by hearsay", [('"C. civ., art. 2224"', '"La prescription"')], "no-source", "retention_source", "cite"),
    ("an interest in a word", [("Former les agents de l'accueil.", "Former.")], "too-short", "interest", "20 characters"),
    ("a proof in a word", [("Rien d'autre ne le prouve.", "Rien.")], "too-short", "no_other_proof", "20 characters"),
    ("a length in words", [("retention = { years = 5 }", 'retention = "5 ans"')], "not-a-period",
     'retention = "5', "{ months = 6 }"),
    ("a length in a number", [("retention = { years = 5 }", "retention = 5")], "not-a-period", "retention = 5", "months"),
    ("a version that is a date", [('"test-1"', "2026-11-24")], "version-not-quoted", "version", "in quotes"),
    ("a version that is a number", [('"test-1"', "3")], "version-not-quoted", "version", "in quotes"),
    ("a duty's name with a space", [('[duties.emergency]', '[duties."les urgences"]')], "bad-name",
     '[duties."les', "without spaces"),
    ("a number in quotes", [("calls = 2", 'calls = "2"')], "not-whole", "ceiling", "without quotes"),
    ("the other number as a second fact", [("[keeping]", '[requests]\nsecond_fact = "number"\n\n[keeping]')], "none-of",
     "second_fact", "none, day"),
    *(("an own number that cannot be read", [("[keeping]", f'[requests]\nown_numbers = ["{own}"]\n\n[keeping]')],
       "wrong-value", "own_numbers", "takes")
      for own in ("*", "+33 *", "0*", "3639", "33199001234", "01 99 * 34", "01 99 00 12 34 Paris", "+", "a@b")),
    ("a country in words", [("[keeping]", '[requests]\ntext_countries = ["France"]\n\n[keeping]')], "wrong-value",
     "text_countries", "takes"),
    ("a yes in quotes", [("announced = false", 'announced = "false"')], "not-yes-or-no", "announced", "true or false"),
    ("an empty text", [('"Juridique"', '" "')], "empty", 'recipients = [" "]', "Write it"),
    ("a table that is a number", [("ceiling = { calls = 2, each = \"week\" }", "ceiling = 2")], "not-a-table", "ceiling",
     "braces"),
    ("a purpose in a list in a list", [('["contract-proof"]', "[[1]]")], "unknown-purpose", "purposes = [[1]]", "one of"),
    ("a purpose that is a table", [('["contract-proof"]', "[{}]")], "unknown-purpose", "purposes = [{}]", "one of"),
    ("purposes nested 5,000 deep", [('["contract-proof"]', "[" * 5000 + "]" * 5000)], "beyond-measure", None, "example"),
    ("a version of 6,000 digits", [('"test-1"', "0x" + "f" * 5000)], "beyond-measure", None, "example"),
    ("a short announcement", [("Exemple SAS may record this call for training. Press 9 to refuse it.", "Press 9.")],
     "short-text", "text = \"Press", "40"),
    ("no announcement", [(TEXT[TEXT.index("[announcement.fr"):TEXT.index("[[queues]]")], "")], "missing-announcement",
     None, "[announcement.fr-FR]"),
    ("no DPO", [('[dpo]\nname = "DPO"\nemail = "dpo@exemple.example"\n', "")], "missing-dpo", None, "[dpo]"),
    ("a DPO whom nobody can reach", [('email = "dpo@exemple.example"\n', "")], "no-contact", "name = \"DPO\"", "e-mail"),
    ("a DPO with half an address", [("dpo@exemple.example", "dpo@exemple")], "bad-email", "email = \"dpo", "`email`"),
    ("no staff", [(TEXT[TEXT.index("[staff]"):TEXT.index("[objection]")], "")], "missing-staff", None, "[staff]"),
    ("the works council in quotes", [("2026-10-15", '"2026-10-15"')], "bad-date", "works_council", "without quotes"),
    ("the works council by the hour", [("2026-10-15", "2026-10-15T10:00:00")], "bad-date", "works_council", "without quotes"),
    ("no way to refuse", [('[objection]\nkey = "9"\nkeeps = "before"\n', "")], "missing-objection", None, "[objection]"),
    ("a key that no telephone has", [('key = "9"', 'key = "A"')], "bad-key", 'key = "A"', "`key`"),
    ("seven months", [(QUALITY_END, QUALITY_END.replace("6", "7"))], "over-six-months", "retention", "months = 6"),
    ("182 days", [(QUALITY_END, QUALITY_END.replace("months = 6", "days = 182"))], "over-six-months", "retention", "six"),
    ("no retention", [(QUALITY_END, 'recipients = ["Formation"]')], "over-six-months", "[[queues]]", "months = 6"),
    ("seven months with a text of its own", [(QUALITY_END, 'retention_source = "C. civ., art. 1"\n' + QUALITY_END.replace("6", "7"))],
     "over-six-months", "retention = { months = 7", "proof of a contract"),
    ("months in a float", [(QUALITY_END, QUALITY_END.replace("6", "6.0"))], "not-whole", "retention", "integer"),
    ("no month at all", [(QUALITY_END, QUALITY_END.replace("6", "0"))], "too-small", "retention", "1 at least"),
    ("months and days", [(QUALITY_END, QUALITY_END.replace("6", "5, days = 3"))], "not-one-length", "retention", "one of"),
    ("a length of nothing", [(QUALITY_END, QUALITY_END.replace("months = 6", ""))], "not-one-length", "retention", "one"),
    ("a proof of five years without its text", [('retention_source = "C. civ., art. 2224"\n', "")], "over-six-months",
     "retention = { years = 5", "retention_source"),
    ("a proof where others are", [("no_other_proof = \"Rien d'autre ne le prouve.\"\n", "")], "other-proof",
     "[[queues]]:1", "no_other_proof"),
    ("a proof by lot", [("no_other_proof", "share_percent = 5\nno_other_proof")], "out-of-place", "share_percent = 5:1",
     "Take it out"),
    ("a duty that nobody describes", [('duty = "emergency"', 'duty = "mifid"')], "unknown-duty", 'duty = "mifid"',
     "[duties.mifid]"),
    ("no duty is named", [('duty = "emergency"\n', "")], "no-duty", "[[queues]]:2", "Name it"),
    ("a share of a duty", [('duty = "emergency"', 'share_percent = 5\nduty = "emergency"')], "out-of-place",
     "share_percent = 5:1", "Take it out"),
    ("a retention of its own under a duty", [('duty = "emergency"', 'retention = { days = 9 }\nduty = "emergency"')],
     "out-of-place", "retention = { days = 9", "Take it out"),
    ("a duty without its text", [('source = "Un texte, art. 1"\n', "")], "missing", "[duties.emergency]", "`source`"),
    ("mixed purposes", [('["contract-proof"]', '["contract-proof", "training"]')], "mixed-purposes",
     'purposes = ["contract', "queue of its own"),
    ("a duty for training", [('["legal-duty"]\nlegal_basis = "6(1)(c)"\nduty = "emergency"',
      '["training", "legal-duty"]\nlegal_basis = "6(1)(c)"\nduty = "emergency"')], "mixed-purposes",
     'purposes = ["training", "legal', "queue of its own"),
    ("no purpose", [('["contract-proof"]', "[]")], "empty-array", "purposes = []", "`purposes`"),
    ("a purpose of nobody's", [('"evaluation"', '"incivility"')], "unknown-purpose", "purposes", "service-quality"),
    ("a purpose in a list", [('"evaluation"', '["evaluation"]')], "unknown-purpose", "purposes", "service-quality"),
    ("quality by contract", [('"6(1)(f)"', '"6(1)(b)"')], "wrong-basis", "legal_basis", "6(1)(f), 6(1)(e)"),
    ("proof by interest", [('legal_basis = "6(1)(b)"', 'interest = "De quoi occuper la file."\nlegal_basis = "6(1)(f)"')], "wrong-basis",
     "legal_basis = \"6(1)(f)\":1", "6(1)(b)"),
    ("a duty by consent", [('"6(1)(c)"\nduty = "emergency"', '"6(1)(a)"\nduty = "emergency"')], "wrong-basis",
     'legal_basis = "6(1)(a)"', "6(1)(c)"),
    ("an article of no basis", [('"6(1)(f)"', '"6(1)(g)"')], "none-of", "legal_basis", "6(1)(a)"),
    ("an interest that is not said", [("interest = \"Former les agents de l'accueil.\"\n", "")], "no-interest", "legal_basis", "`interest`"),
    ("nobody to hear it", [('["Juridique"]', "[]")], "empty-array", "recipients = []", "`recipients`"),
    ("screenshots", [("[keeping]", "[screens]\nstills = true\n\n[keeping]")], "stills", "stills", "stills = false"),
    ("films", [("[keeping]", '[screens]\nvideo = "keep"\n\n[keeping]')], "none-of", "video", "delete"),
    ("no hold", [("hold = { years = 2 }", "")], "missing-hold", "[keeping]", "hold = { years = 2 }"),
    ("a hold of six years", [("hold = { years = 2 }", "hold = { years = 6 }")], "hold", "hold", "5 years"),
    ("a hold of 61 months", [("hold = { years = 2 }", "hold = { months = 61 }")], "hold", "hold", "5 years"),
    ("an access log of 5 months", [("[keeping]", "[keeping]\naccess_log = { months = 5 }")], "access_log",
     "access_log", "six to twelve"),
    ("an access log of 13 months", [("[keeping]", "[keeping]\naccess_log = { months = 13 }")], "access_log",
     "access_log", "six to twelve"),
    ("a supervisor who listens for a claim", [("[keeping]", '[listening]\nsupervisor = ["claim"]\n[keeping]')],
     "unknown-purpose", "supervisor = ", "service-quality"),
    ("a DPO who trains", [("[keeping]", '[listening]\ndpo = ["request", "training"]\n[keeping]')], "unknown-need",
     "dpo = ", "verification"),
    ("a role that nobody knows", [("[keeping]", '[listening]\nsupervisors = ["training"]\n[keeping]')], "unknown-key",
     "supervisors", "supervisor"),
    ("a purpose that is no list", [("[keeping]", '[listening]\nagent = "training"\n[keeping]')], "not-an-array",
     "agent = ", "`agent`"),
    ("exports of 8 days", [("[keeping]", "[keeping]\nexports = { days = 8 }")], "exports", "exports", "7 days"),
    ("grids of 13 months", [("[keeping]", "[keeping]\nanalyses = { months = 13 }")], "analyses", "analyses", "one year"),
    ("a quarantine of 31 days", [("[keeping]", "[keeping]\nquarantine = { days = 31 }")], "quarantine", "quarantine",
     "30 days"),
    ("nothing is kept", [("[keeping]\nhold = { years = 2 }\n", "")], "missing", None, "`keeping`"),
    ("two queues of one name", [('name = "urgences"', 'name = "souscription"')], "two-queues",
     'name = "souscription":1', "another name"),
    ("a name with a space", [('name = "urgences"', 'name = "les urgences"')], "bad-name", 'name = "les', "`name`"),
    ("a source of no queue", [("[sources.connect]\nannounces = true\nqueue = \"urgences\"",
      '[sources.connect]\nannounces = true\nqueue = "nulle-part"')], "unknown-queue", 'queue = "nulle', "Add it"),
    ("what cannot be deleted there", [("[sources.connect]\nannounces = true",
      "[sources.connect]\nannounces = true\ndelete_there = true")], "cannot-delete-there", "delete_there", "twilio"),
    ("a version with an accent", [('"test-1"', '"été"')], "bad-name", "version", "`version`"),
    ("not TOML", [('zone = "Europe/Paris"', "zone = Europe/Paris")], "toml", "zone", "syntax"),
    ("a key twice", [("zone =", 'zone = "Europe/Paris"\nzone =')], "toml", "zone:1", "overwrite"),
    ("a table twice", [("[staff]", '[dpo]\nname = "x"\n[staff]')], "toml", "[dpo]:1", "Cannot declare"),
    ("a day that no month has", [("2026-10-15", "2026-02-30")], "toml", "works_council", "Invalid date"),
    ("a mark of byte order", [("# A policy", "\ufeff# A policy")], "byte-order-mark", "\ufeff", "without BOM"),
    ("half of a character", [('"evaluation"', '"\ud800valuation"')], "toml", "purposes", "half of a character"),
    ("a number beyond measure", [("calls = 2", "calls = " + "9" * 5000)], "beyond-measure", None, "example"),
    ("an exponent beyond measure", [("share_percent = 50", "share_percent = 1e99999999999999999999")],
     "beyond-measure", None, "example"),
    ("a nesting beyond measure", [("zone =", "x = " + "[" * 90_000 + "\nzone =")], "beyond-measure", None, "example"),
    ("an inner table of a queue", [('ceiling = { calls = 2, each = "week" }\n', ""),
      (QUALITY_END, QUALITY_END + '\n[queues.ceiling]\ncalls = -1\neach = "week"')], "too-small", "calls", "`calls`"),
    ("a dotted key", [("retention = { months = 6 }\nrecipients = [\"Formation\"]",
      "retention.months = 7\nrecipients = [\"Formation\"]")], "over-six-months", "retention.months", "six months"),
    ("after a text of many lines", [("[objection]", 'recorded_periods_ = """\n[x]\nkey = 1"""\n[objection]'),
      ('key = "9"', "key = 9")], "not-quoted", "key = 9", "`key`"),
]  # fmt: skip


@pytest.mark.parametrize(
    ("changes", "code", "where", "remedy"), [row[1:] for row in BAD], ids=[str(row[0]) for row in BAD]
)
def test_an_unlawful_policy_is_refused_with_the_line_and_the_remedy(
    changes: list[tuple[str, str]], code: str, where: str | None, remedy: str
) -> None:
    text = changed(*changes)
    found = next((problem for problem in refused(text) if problem.code == code), None)
    assert found is not None, refused(text)
    if where is None:
        assert found.line is None
    else:
        wanted, _, number = where.partition(":") if where.rpartition(":")[2].isdecimal() else (where, "", "")
        assert found.line == line(text, wanted, int(number or 0))
    assert remedy in found.text("en")


def test_several_errors_are_all_reported_at_once() -> None:
    text = changed(
        ("zone =", "zoen ="), ("share_percent = 50", "share_percent = 100"), ("Europe/Paris", "x"),
        ('email = "dpo@exemple.example"\n', ""), ("hold = { years = 2 }", "hold = { years = 9 }"),
        ('duty = "emergency"\n', ""), ("2026-10-15", "3"),
    )  # fmt: skip
    problems = refused(text)
    assert sorted(problem.code for problem in problems) == [
        "bad-date", "hold", "missing", "no-contact", "no-duty", "systematic", "unknown-key"
    ]  # fmt: skip
    with pytest.raises(InvalidPolicy, match=r"the file: .*; line \d+: .*; line 3: "):
        load(text)


def test_an_empty_file_is_told_all_that_it_lacks() -> None:
    codes = {problem.code for problem in refused("")}
    assert codes == {"missing", *(f"missing-{name}" for name in ("dpo", "staff", "objection", "announcement"))}


def test_a_huge_file_of_garbage_is_refused_at_once_and_in_few_words() -> None:
    for garbage in ("x" * 10_000_000, "[" * 10_000_000, "\0" * 3_000_000, "k = 1\n" * 1_000_000, ".".join("a" * 10**6)):
        (problem,) = refused(garbage)
        assert problem.code == "too-long" and len(problem.text("fr")) < 200


def test_of_thousands_of_wrong_keys_each_has_its_line() -> None:
    problems = refused("\n".join(f"key{n} = {n}" for n in range(3000)) + "\n" + TEXT)
    assert [problem.line for problem in problems] == list(range(1, 3001))


def test_what_a_person_wrote_is_shown_short() -> None:
    problems = refused(
        changed(("Europe/Paris", "x" * 5000), ('legal_basis = "6(1)(f)"', f'legal_basis = "{"y" * 5000}"'))
    )
    assert all(len(problem.text("en")) < 5400 for problem in problems)


GOOD = [
    ("181 days", (QUALITY_END, QUALITY_END.replace("months = 6", "days = 181"))),
    ("half a percent", ("share_percent = 50", "share_percent = 0.5")),
    ("every second call", ("share_percent = 50", "share_percent = 50.0")),
    ("spaces and dotted tables", ("[sources.connect]", "[ sources . connect ]")),
    ("Windows' line ends", ("\n", "\r\n")),
    ("five years of hold", ("hold = { years = 2 }", "hold = { years = 5 }")),
    ("a log of six months", ("[keeping]", "[keeping]\naccess_log = { months = 6 }")),
    ("a week of exports", ("[keeping]", "[keeping]\nexports = { days = 7 }")),
    ("consent", ('"6(1)(f)"', '"6(1)(a)"')),
    ("a language without its country", ('"en-GB"]', '"en-GB", "fr-FR"]')),
    ("saying it in capitals", ("may record this", "MAY RECORD this")),
    ("an announcement in a language that nobody checks", ("[announcement.en-GB]",
        '[announcement.ja-JP]\ntext = "この通話は録音される場合があります。録音を望まない方は、いつでも 9 を押してください。どうぞ。"\n[announcement.en-GB]')),
    ("a short proof needs no text", ('retention = { years = 5 }\nretention_source = "C. civ., art. 2224"',
                                     "retention = { months = 6 }")),
    ("overseas", ('zone = "Europe/Paris"', 'zone = "Indian/Reunion"\nholidays = "la-reunion"')),
    ("no screens said", ("[keeping]", '[screens]\nvideo = "delete"\nstills = false\n[keeping]')),
    ("own numbers", ("[keeping]", '[requests]\nown_numbers = ["01 99 00 *", "+33 (0)1 99 01 12 34", "0033 199 02*", '
                     '"contact@exemple.example"]\n[keeping]')),
    ("text messages to nobody", ("[keeping]", "[requests]\ntext_countries = []\n[keeping]")),
    ("a DPO with a telephone", ('email = "dpo@exemple.example"', 'telephone = "+33 1 99 00 00 00"')),
]  # fmt: skip


@pytest.mark.parametrize("change", [row[1] for row in GOOD], ids=[row[0] for row in GOOD])
def test_what_the_law_allows_is_not_refused(change: tuple[str, str]) -> None:
    assert isinstance(policy(change), Policy)


def test_bank_data_is_found_in_the_languages_that_a_policy_may_name_and_in_no_other() -> None:
    assert HEARD == SPOKEN


@pytest.mark.parametrize(
    ("language", "said"),
    [
        ("es-ES", "Exemple SAS puede grabar esta llamada. Pulse 9 para negarse."),
        ("de-DE", "Dieser Anruf wird von Exemple SAS aufgezeichnet. Widerspruch mit der 9."),
        ("it-IT", "Exemple SAS può registrare questa chiamata. Prema 9 per rifiutare."),
        ("pt-PT", "Esta chamada pode ser gravada por Exemple SAS. Prima 9 para recusar."),
        ("nl-NL", "Dit gesprek kan door Exemple SAS worden opgenomen. Druk op 9 om te weigeren."),
    ],
)
def test_an_announcement_says_in_its_own_language_that_a_call_is_recorded(language: str, said: str) -> None:
    def announced(words: str) -> str:
        table = f'[announcement.{language}]\ntext = "{words}"\n\n[[queues]]\nname = "service-client"'
        return changed(('"en-GB"]', f'"en-GB", "{language}"]'), ('[[queues]]\nname = "service-client"', table))

    assert load(announced(said)).languages[-1] == language
    silent = "Exemple SAS, Exemple SAS, Exemple SAS, Exemple SAS, 9."
    assert [problem.code for problem in refused(announced(silent))] == ["no-recording-said"]


def test_what_is_wrong_is_said_in_french_as_the_french_write_it() -> None:
    for change, sentence in (
        (("retention = { years = 5 }", "retention = 5"), "ligne 44 : `retention` : une durée s'écrit { months = 6 }."),
        (('"test-1"', "2026-11-24"), "ligne 2 : `version` : une version s'écrit entre guillemets"),
        (("2026-10-15", '"2026-10-15"'), "une date s'écrit sans guillemets"),
        (('name = "urgences"', 'name = "été 1"'), "lettres, chiffres, . _ -, 40 au plus, sans espace ni accent"),
        (
            ('keeps = "before"', 'keeps = "all"'),
            "`keeps` : \"all\" n'est pas possible. Prenez l'un de : nothing, before.",
        ),
    ):
        assert sentence in refused(changed(change))[0].text("fr")


def test_a_share_is_what_was_written_and_no_float() -> None:
    queue = policy(("share_percent = 50", "share_percent = 0.1")).queue("service-client")
    assert queue is not None and queue.share_percent == Decimal("0.1")


def test_a_policy_knows_its_queues_and_sources() -> None:
    made = policy()
    kinds = {queue.name: queue.kind for queue in made.queues}
    assert kinds == {"service-client": "quality", "souscription": "proof", "urgences": "duty", "assurance": "duty"}
    assert made.queue("nobody") is None and made.queue(None) is None
    assert made.source("nobody").announces is False and made.source("asterisk").queue == "urgences"
    assert {purpose for queue in made.queues for purpose in queue.purposes} == set(Purpose)


def test_a_policy_cannot_be_changed_once_it_is_made() -> None:
    made = policy()
    with pytest.raises(ValueError, match="frozen"):
        made.zone = None  # type: ignore[misc,assignment]
    with pytest.raises(ValueError, match="frozen"):
        made.keeping.hold = Period(years=9)  # type: ignore[misc]


# ------------------------------------------------------------------------------------------------ the example


def uncommented(*names: str) -> str:
    """The example with those of its commented tables made real."""
    lines, real = [], False
    for each in EXAMPLE.split("\n"):
        bare = each[2:] if each.startswith("# ") else ""
        if not each.startswith("#"):
            real = False
        elif bare.startswith("["):
            real = bare == "[[queues]]" or bare in names
        lines.append(bare if real and re.match(r"[a-z_]+ =|\[", bare) else each)
    text = "\n".join(lines)
    blocks = re.split(r"(?m)^(?=\[)", text)
    kept = [
        b
        for b in blocks
        if not (n := re.match(r'\[\[queues\]\]\nname = "(.+)"', b)) or n[1] in (*names, "service-client")
    ]
    return "".join(kept)


def test_the_example_is_lawful_as_it_stands() -> None:
    assert [queue.name for queue in load(EXAMPLE).queues] == ["service-client"]


@pytest.mark.parametrize(
    ("names", "queues", "duties", "sources"),
    [
        (("souscription",), ["service-client", "souscription"], [], []),
        (("vente-assurance", "[duties.insurance]"), ["service-client", "vente-assurance"], ["insurance"], []),
        (("[duties.mifid]",), ["service-client"], ["mifid"], []),
        (("[sources.asterisk]",), ["service-client"], [], ["asterisk"]),
        (("[sources.aircall]", "[sources.twilio]"), ["service-client"], [], ["aircall", "twilio"]),
        (
            ("souscription", "vente-assurance", "[duties.insurance]", "[duties.mifid]", "[sources.asterisk]"),
            ["service-client", "souscription", "vente-assurance"],
            ["insurance", "mifid"],
            ["asterisk"],
        ),
    ],
)
def test_each_commented_example_is_lawful_when_it_is_made_real(
    names: tuple[str, ...], queues: list[str], duties: list[str], sources: list[str]
) -> None:
    made = load(uncommented(*names))
    assert [queue.name for queue in made.queues] == queues
    assert (list(made.duties), list(made.sources)) == (duties, sources)


def test_the_example_promises_deletion_only_where_a_way_to_is_known() -> None:
    made = load(uncommented("[sources.asterisk]", "[sources.aircall]", "[sources.twilio]"))
    assert {name for name, source in made.sources.items() if source.delete_there} == set(DELETABLE)
    assert {source.language for source in made.sources.values()} == {"fr-FR"}


def test_a_commented_queue_under_a_duty_needs_the_duty_beside_it() -> None:
    assert [problem.code for problem in refused(uncommented("vente-assurance"))] == ["unknown-duty"]


# ------------------------------------------------------------------------------------------------ whatever is written


LINES = EXAMPLE.split("\n")
CHARACTERS = st.one_of(st.sampled_from('"\'[]{}=.,#\n\t -0159eE_\\abz"'), st.characters())


def problems_of(text: str) -> list[Problem]:
    """What is wrong with a policy; any exception but ours is an error."""
    try:
        made = load(text)
    except InvalidPolicy as error:
        found = [problem for problem in error.problems if isinstance(problem, Problem)]
    else:
        assert all(queue.kind != "quality" or queue.retention for queue in made.queues)
        return []
    assert found
    return found


@st.composite
def spoiled(draw: st.DrawFn) -> str:
    """A policy with one line or one character deleted, doubled, put elsewhere or replaced."""
    text = draw(st.sampled_from([TEXT, EXAMPLE]))
    parts: list[str] = list(text) if draw(st.booleans()) else text.splitlines(keepends=True)
    one, other = draw(st.integers(0, len(parts) - 1)), draw(st.integers(0, len(parts) - 1))
    act = draw(st.sampled_from(["delete", "swap", "double", "replace", "cut"]))
    if act == "delete":
        del parts[one]
    elif act == "swap":
        parts[one], parts[other] = parts[other], parts[one]
    elif act == "double":
        parts.insert(other, parts[one])
    elif act == "replace":
        parts[one] = draw(CHARACTERS)
    else:
        parts = parts[:one]
    return "".join(parts)


@settings(max_examples=2000, suppress_health_check=[HealthCheck.too_slow])
@given(spoiled())
def test_a_policy_with_anything_spoiled_is_lawful_or_refused_and_never_anything_else(text: str) -> None:
    for problem in problems_of(text):
        assert problem.line is None or 1 <= problem.line <= text.count("\n") + 1
        assert problem.text("fr") and problem.text("en")


VALUES = ["1", "-1", "1.5", "nan", "true", '""', '"x"', "[]", "[1]", '["x"]', "{}", "{ a = 1 }", "2026-01-01", "[[]]",
          "10:00:00", "2026-01-01T00:00:00Z", "[{}]", '{ months = "6" }', "9" * 30, "{ days = 1, days = 2 }"]  # fmt: skip
KEYS = [n for n, each in enumerate(TEXT.split("\n")) if re.match(r"[a-z_]+ = ", each)]


@pytest.mark.parametrize("number", KEYS, ids=[TEXT.split("\n")[n].partition(" ")[0] for n in KEYS])
def test_any_value_of_any_kind_is_taken_or_refused_on_its_line(number: int) -> None:
    for value in VALUES:
        lines = TEXT.split("\n")
        lines[number] = f"{lines[number].partition(' = ')[0]} = {value}"
        assert None not in [problem.line for problem in problems_of("\n".join(lines))][:1]


# ------------------------------------------------------------------------------------------------ lines


@pytest.mark.parametrize(
    ("path", "wanted"),
    [
        (("zone",), 2), (("dpo",), 3), (("dpo", "name"), 4), (("dpo", "email"), 3), (("queues", 0), 6),
        (("queues", 0, "name"), 7), (("queues", 0, "ceiling", "calls"), 9), (("queues", 0, "retention"), 10),
        (("queues", 1, "name"), 12), (("queues", 2), None), (("text",), None), (("announcement", "fr.FR", "text"), 14),
        (("announcement", "fr.FR", "audio"), 19), (("nothing",), None), ((), None),
    ],
)  # fmt: skip
def test_a_value_is_found_on_its_line_or_on_that_of_what_encloses_it(path: tuple[str | int, ...], wanted: int) -> None:
    text = "\n".join([
        "# a comment", 'zone = "x" # and another', "[dpo]", "name = 'x\u2028y'", "", "[[queues]]", 'name = "a"',
        "[queues.ceiling]", "calls = 3", "retention.months = 6", "[[queues]]", 'name = "b"', "[announcement.fr]",
        'text = """many', "[lines]", "zone = 3", 'x"""', "", "audio = 'x'",
    ])  # fmt: skip
    if path[:2] == ("announcement", "fr.FR"):
        path = ("announcement", "fr", *path[2:])
    if path == ("queues", 0, "retention"):
        path = ("queues", 0, "ceiling", "retention")
    assert line_of(text, path) == wanted


def test_lengths_are_said_in_both_languages_in_the_singular_and_the_plural() -> None:
    said = [[length(period, name) for name in LANGUAGES] for period in (
        Period(days=1), Period(days=2), Period(months=1), Period(months=6), Period(years=1), Period(years=2)
    )]  # fmt: skip
    assert said == [
        ["1 jour", "1 day"], ["2 jours", "2 days"], ["1 mois", "1 month"], ["6 mois", "6 months"], ["1 an", "1 year"],
        ["2 ans", "2 years"],
    ]  # fmt: skip


def test_the_policy_of_the_tests_and_the_example_are_toml_that_others_read_too() -> None:
    assert tomllib.loads(TEXT)["version"] == "test-1"
    assert tomllib.loads(EXAMPLE)["zone"] == "Europe/Paris"
