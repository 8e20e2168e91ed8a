"""May this call be recorded, and may its recording be kept? Pure: the call, the policy and the moment, to a fate.

Asked twice. Before capture, so that what need not be recorded is not (random deletion afterwards is no cure: CNIL
SAN-2024-014); and on arrival, before anybody or anything has heard it.
"""

from __future__ import annotations

from collections.abc import Sequence

from chalicelib.law.case import Case, Known, Verdict
from chalicelib.law.policy import Policy
from chalicelib.law.queue import Queue
from chalicelib.law.rules import FINAL_GROUNDS, RULES, Rule
from chalicelib.model import Call, Decision, Fate

_SEVERITY = list(Fate)


def decide(call: Call, policy: Policy, known: Known, rules: Sequence[Rule] = RULES) -> Decision:
    """Ask every rule; the severest fate wins: deleting goes before setting aside, and that before keeping.

    The grounds are those of that fate, first those about which nothing can be mended, in the rules' order; then the
    others'. What may not be kept in part is not set aside either: nothing is cut there.
    """
    case = Case(call, policy, known, queue_of(call, policy))
    verdicts = [verdict for rule in rules if (verdict := rule(case)) is not None]
    fate = max((verdict.fate for verdict in verdicts), key=_SEVERITY.index, default=Fate.KEEP)
    cuts = tuple(cut for verdict in verdicts for cut in verdict.cuts)
    if fate is Fate.QUARANTINE and cuts:
        verdicts.append(Verdict(Fate.DISCARD, "cut-impossible"))
        fate = Fate.DISCARD
    ordered = sorted(verdicts, key=lambda verdict: (verdict.fate is not fate, verdict.ground not in FINAL_GROUNDS))
    grounds = tuple(dict.fromkeys(verdict.ground for verdict in ordered))
    return Decision(fate, grounds or ("lawful",), cuts if fate is Fate.KEEP else ())


def queue_of(call: Call, policy: Policy) -> Queue | None:
    """The queue of a call: as its source says, or else as the policy says of the source."""
    return policy.queue(call.queue or policy.source(call.source).queue)
