"""The pages for people who do not speak JSON: ask, type the code, and where it stands. Values; the printer draws them.

Addresses are relative, as a page lies under whichever stage API Gateway has: `here` leads from it to `/requests`.
There is no session and nothing of anybody in a cookie: a form that another site sends does no more than that site
could do by itself.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from chalicelib.law.answer import told_in_words
from chalicelib.law.document import Fact, in_words
from chalicelib.law.form import Field, Form, Page
from chalicelib.law.policy import Policy
from chalicelib.law.request import ARTICLE, Request, Right, Status, due
from chalicelib.law.shown import reached
from chalicelib.law.texts import texts
from chalicelib.services.asking import LONGEST_TEXT
from chalicelib.services.proof import CODE_LASTS
from chalicelib.services.proof import standing as stands

Written = Mapping[str, str]
"""What was written into the fields, or what is wrong with it, by their names."""

AT_REQUESTS, BELOW = "requests", "../../requests"


def ask(policy: Policy, language: str, written: Written, wrong: Written) -> Page:
    """The form that asks; and the one that comes back. `wrong` has what is wrong with the whole under ""."""
    words = _words(policy, language)
    said, mine = words["ask"], {} if "request" in wrong else written
    rights = tuple((right.value, words["right"][right]) for right in Right)
    wanted = Form(
        "ask",
        _action(AT_REQUESTS, "", language),
        said["submit"],
        (
            Field("right", said["right"], "choice", "", mine.get("right", ""), rights, wrong.get("right", "")),
            Field(
                "who", said["who"], "text", said["who-hint"], mine.get("who", ""), (),
                wrong.get("who", ""), "tel", "", 320,
            ),
            Field(
                "text", said["text"], "lines", said["text-hint"], mine.get("text", ""), (), wrong.get("text", ""),
                longest=LONGEST_TEXT, needed=False,
            ),
            Field("bank-data", said["bank-data"], "yes", value=mine.get("bank-data", ""), needed=False),
        ),
        said["form"],
    )  # fmt: skip
    number = Field(
        "request", said["request"], value=written.get("request", ""), error=wrong.get("request", ""), longest=40
    )
    again = Form(
        "again",
        _action(AT_REQUESTS, "", language),
        said["again-submit"],
        (number,),
        said["again"],
        (said["again-how"],),
    )
    page = texts(language)["asking"]["page"]
    other = (f"?language={page['other']}", page["other_name"], page["other"])
    intro = (said["what"], said["free"], said["proof"])
    return Page(language, said["title"], intro, (), (wanted, again), wrong.get("", ""), (other,))


def code(policy: Policy, language: str, request_id: str, here: str, written: Written, wrong: Written) -> Page:
    """The form that takes a code, and the second fact that the policy asks for; another code can be had."""
    words = _words(policy, language)
    said, fact = words["code"], policy.requests.second_fact
    fields = [Field("code", said["code"], "text", "", "", (), wrong.get("code", ""), "one-time-code", "numeric", 12)]
    if fact != "none":
        value, error = written.get(fact, ""), wrong.get(fact, "")
        fields.append(Field(fact, said[fact], "day", said["fact-hint"], value, (), error, "off", "", 40, False))
    typed = Form("proof", _action(here, f"/{request_id}/proof", language), said["submit"], tuple(fields))
    again = Form(
        "again",
        _action(here, f"/{request_id}/code", language),
        said["again-submit"],
        (),
        said["again"],
        (said["again-how"],),
    )
    facts = (Fact("request", words["standing"]["request"], request_id),)
    text = (said["sent"], said["keep"])
    return Page(language, said["title"], text, facts, (typed, again), wrong.get("", ""), (_start(language, here),))


def standing(policy: Policy, language: str, request: Request, token: str | None = None) -> Page:
    """What was asked, how it stands, and until when it is answered; `token` opens the answer once."""
    words = _words(policy, language)
    said, until = words["standing"], due(request, policy) if request.is_open else None
    facts = {
        "request": request.id,
        "right": words["right"][request.right],
        "article": said["gdpr"].format(article=ARTICLE[request.right]),
        "status": words["status"][stands(request)],
        "due": in_words(until.due_on, language) if until else "",
        "answered_on": in_words(request.answered_on, language) if request.answered_on else "",
        "reasons": request.reasons,
    }
    shown = [Fact(name, said[name], value) for name, value in facts.items() if value]
    told = [] if request.is_open else [told_in_words(each, language) for each in request.told]
    complaint = said["complaint"].format(**texts(language)["notice"]["complaint"])
    text = (said["keep"], *told, *((complaint,) if request.state is Status.REFUSED else ()))
    package = ((f"../../exports/{request.id}/{token}", said["package"], language),) if token else ()
    return Page(language, said["title"], text, tuple(shown), links=(*package, _start(language, BELOW)))


def problem(policy: Policy, language: str, kind: str) -> str:
    """What is wrong, under the code of an error or the name of a field."""
    known = _words(policy, language)["problem"]
    return str(known.get(kind, known["invalid-request"]))


def _words(policy: Policy, language: str) -> dict[str, Any]:
    """The texts, filled in with what the policy says."""
    said = {
        "controller": policy.controller.name,
        "dpo": reached(policy.dpo),
        "longest": f"{LONGEST_TEXT:,}".replace(",", "\N{NO-BREAK SPACE}" if language == "fr" else ","),
        "minutes": str(int(CODE_LASTS.total_seconds()) // 60),
    }
    known: dict[str, Any] = dict(texts(language)["asking"])
    for section in ("ask", "code", "problem"):
        known[section] = {name: word.format(**said) for name, word in known[section].items()}
    return known


def _action(here: str, path: str, language: str) -> str:
    return f"{here}{path}?language={language}"


def _start(language: str, here: str) -> tuple[str, str, str]:
    return _action(here, "", language), str(texts(language)["asking"]["page"]["back"]), language
