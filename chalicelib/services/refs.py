"""The opaque references of calls and agents: the same for the same call or agent, whoever names it."""

from __future__ import annotations

from collections.abc import Iterable
from ipaddress import IPv6Network

from chalicelib.model import Call
from chalicelib.services.machine import Machine
from chalicelib.telephony.numbers import addresses


def call_ref(machine: Machine, call: Call) -> str:
    """The call's opaque id."""
    return call_named(machine, call.source, call.call_id)


def call_named(machine: Machine, source: str, call_id: str) -> str:
    """The opaque id of a call by its source's name of it."""
    return machine.pseudonyms.of("call", source, call_id)


def agent_ref(machine: Machine, call: Call) -> str:
    """The agent's opaque id; those whom no source names share one."""
    return call.agent_ref or agent_named(machine, call.agent or "")


def agent_named(machine: Machine, agent: str) -> str:
    """The opaque id of an agent, by whichever of their names: telephony may know them by another than their e-mail."""
    return machine.switches.known_as(own_ref(machine, agent))


def own_ref(machine: Machine, agent: str) -> str:
    """The opaque id of a name itself."""
    return machine.pseudonyms.of("agent", agent_key(agent))


def person_refs(machine: Machine, lines: Iterable[str]) -> tuple[str, ...]:
    """The references of those of a call's lines that lead to a person, under every key that is looked for.

    Under old keys too while a rotation lasts: what was asked under one of them holds for what comes now.
    """
    asked = machine.policy.requests
    found = addresses(lines, asked.country, asked.own_numbers)
    return tuple(dict.fromkeys(ref for each in found for ref in _under_every_key(machine, each)))


def _under_every_key(machine: Machine, address: str) -> tuple[str, ...]:
    """The references of an address; what it objects to under an older key it objects to under the current one."""
    current, *older = machine.identities.of(address)
    since = machine.people.objected(older) if older else None
    if since and machine.people.objected([current]) is None:
        machine.people.object(current, since, "key-rotated")
    return current, *older


def agent_key(agent: str) -> str:
    """What tells one agent from another: capitals of ASCII and spaces around do not, whatever else does.

    Of other letters there are several small forms, and one person's would be another's.
    """
    return "".join(each.lower() if each.isascii() else each for each in agent.strip())


def team_ref(machine: Machine, team: str) -> str:
    """The opaque id of a team, by its name; capitals and spaces around do not matter."""
    return machine.pseudonyms.of("team", team.strip().casefold())


def source_ref(machine: Machine, source: str) -> str:
    """The opaque id of where a request comes from; of IPv6 a household's network: who has one address of it has all."""
    try:
        network = str(IPv6Network(f"{source}/64", strict=False))
    except ValueError:
        network = source
    return machine.pseudonyms.of("source", network)


def media_ref(machine: Machine, provider: str, media_id: str) -> str:
    """The opaque id of a recording at its provider."""
    return machine.pseudonyms.of("media", provider, media_id)
