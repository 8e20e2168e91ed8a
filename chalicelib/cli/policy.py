"""`policy check FILE` explains a policy, or refuses it; `policy explain FILE …` says what would become of a call."""

from __future__ import annotations

import argparse
import json
import os
import sys
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any

from chalicelib.errors import InvalidCall, InvalidPolicy
from chalicelib.law.case import Known
from chalicelib.law.decision import decide, queue_of
from chalicelib.law.document import in_words, percent
from chalicelib.law.explain import explain, warnings
from chalicelib.law.load import Problem, load
from chalicelib.law.policy import Policy
from chalicelib.law.retention import last_day
from chalicelib.law.texts import LANGUAGES, texts
from chalicelib.model import Call, Decision, Fate
from chalicelib.telephony.drops import METADATA
from chalicelib.telephony.said import call_from


def add(commands: Any) -> None:
    """Declare the command."""
    parser: argparse.ArgumentParser = commands.add_parser("policy", help="explain what a policy lets be recorded")
    acts = parser.add_subparsers(required=True, metavar="ACT")
    checked = _act(acts, "check", check, "say a policy rule by rule, or what is unlawful in it, and where")
    checked.set_defaults(run=check)
    asked = _act(acts, "explain", explain_call, "say what would become of a call, and why")
    asked.add_argument(
        "--call",
        metavar="FILE|JSON",
        required=True,
        help=f"what a source would say of it: a JSON object ({', '.join(METADATA)}, source, lines, key, duration-s)",
    )
    asked.add_argument("--before", action="store_true", help="ask as before capture: should it be recorded?")
    asked.add_argument("--not-drawn", action="store_true", help="suppose that the lot does not fall on it")
    asked.add_argument("--at", type=_moment, help="suppose that it is this moment (ISO 8601 with an offset)")


def _act(acts: Any, name: str, run: Callable[[argparse.Namespace], int], text: str) -> argparse.ArgumentParser:
    parser: argparse.ArgumentParser = acts.add_parser(name, help=text, description=text.capitalize() + ".")
    parser.add_argument("file", metavar="FILE", type=Path, help="the policy (TOML)")
    parser.add_argument("--language", choices=LANGUAGES, default=_own_language(), help="default: %(default)s")
    parser.set_defaults(run=run)
    return parser


def check(options: argparse.Namespace) -> int:
    """Print the policy rule by rule; 1, and what is wrong with it on which line, where it is unlawful."""
    policy = _load(options)
    if policy is None:
        return 1
    words = texts(options.language)["word"]
    print(words["lawful"].format(version=policy.version))
    for rule in explain(policy, options.language):
        print(f"- {rule.text}\n    [{rule.source}]")
    found = warnings(policy, datetime.now(policy.zone).date())
    if found:
        print(words["warnings"])
        print("\n".join(f"- {warning.text(options.language)}" for warning in found))
    return 0


def explain_call(options: argparse.Namespace) -> int:
    """Print what would become of a call, on which grounds, and until when; 1 where policy or call cannot be read."""
    policy = _load(options)
    if policy is None:
        return 1
    now = options.at or datetime.now(UTC)
    said = _said(options.call)
    seconds = said.pop("duration-s", None)
    call = call_from({"key": "call", **said}, began=now if options.before else None)
    ended_at = _ended_at(call, seconds)
    known = Known(now, ended_at, before_capture=options.before, drawn=not options.not_drawn)
    _print(policy, call, decide(call, policy, known), options)
    return 0


def _print(policy: Policy, call: Call, decision: Decision, options: argparse.Namespace) -> None:
    words, queue = texts(options.language), queue_of(call, policy)
    fates = words["before" if options.before else "fate"]
    print(words["word"]["call"].format(fate=fates[decision.fate]))
    if decision.fate is Fate.KEEP and queue and queue.share_percent is not None:
        print(words["word"]["if-drawn"].format(share=percent(queue.share_percent, options.language)))
    for ground in decision.grounds:
        print(words["word"]["ground"].format(ground=ground, what=words["ground"][ground]))
    for cut in decision.cuts:
        since, until = (moment and _local(moment, policy) for moment in (cut.since, cut.until))
        said = {"since": since or words["word"]["start"], "until": until or words["word"]["end"]}
        print(words["word"]["cut"].format(**said))
    if decision.fate is Fate.KEEP and queue and call.started_at and not options.before:
        day = last_day(policy, queue, call.started_at, call.signed_on)
        print(words["word"]["until"].format(day=in_words(day, options.language)))


def _local(moment: datetime, policy: Policy) -> str:
    try:
        return moment.astimezone(policy.zone).isoformat()
    except OverflowError:  # within hours of the first or the last moment there is
        return moment.isoformat()


def _load(options: argparse.Namespace) -> Policy | None:
    """The policy, or None once its refusal is printed."""
    words = texts(options.language)["word"]
    at = partial(words["at"].format, where=options.file)
    try:
        return load(options.file.read_text("utf-8"))
    except InvalidPolicy as error:
        problems = [problem.text(options.language) for problem in error.problems if isinstance(problem, Problem)]
        print(words["refused"][len(problems) > 1].format(n=len(problems)), file=sys.stderr)
        print("\n".join(at(what=problem) for problem in problems), file=sys.stderr)
    except UnicodeDecodeError:
        print(at(what=words["not-utf-8"]), file=sys.stderr)
    except FileNotFoundError:
        print(at(what=words["no-file"]), file=sys.stderr)
    except OSError as error:
        print(at(what=words["unreadable"].format(why=error.strerror)), file=sys.stderr)
    return None


def _said(text: str) -> dict[str, Any]:
    """The call's JSON, given as it is or in a file. Raises InvalidCall where it is none."""
    try:
        said = json.loads(text if text.lstrip().startswith("{") else Path(text).read_text("utf-8"))
    except (ValueError, RecursionError) as error:
        raise InvalidCall(f"--call is a JSON object, or a file that holds one: {error}") from error
    if not isinstance(said, dict):
        raise InvalidCall("--call is a JSON object")
    return said


def _ended_at(call: Call, seconds: Any) -> datetime | None:
    if seconds is not None and (type(seconds) is not int or not 0 < seconds < 86_400):
        raise InvalidCall("`duration-s` is a whole number of seconds, of a day at most")
    if call.started_at is None or seconds is None:
        return None
    try:
        return call.started_at + timedelta(seconds=seconds, milliseconds=call.precision_ms)
    except OverflowError:  # the year 9999, which no rule believes
        return None


def _moment(text: str) -> datetime:
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise argparse.ArgumentTypeError(f"a moment is written as 2026-11-24T10:00:00+01:00, not {text!r}") from None
    if moment.tzinfo is None:
        raise argparse.ArgumentTypeError(f"a moment names its offset, as in 2026-11-24T10:00:00+01:00: {text!r}")
    if not 2000 <= moment.year < 3000:
        raise argparse.ArgumentTypeError(f"a moment lies between the years 2000 and 2999: {text!r}")
    return moment


def _own_language() -> str:
    return "fr" if os.environ.get("LANG", "").startswith("fr") else "en"
