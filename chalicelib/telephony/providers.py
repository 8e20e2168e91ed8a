"""Every provider by its name: who calls in, from whom recordings are fetched, where they are deleted, who is stopped.

A module is held against its Protocols here, by mypy.
"""

from __future__ import annotations

from chalicelib.telephony import aircall, dialpad, genesys, ringcentral, ringover, standard, twilio, vonage, zoom
from chalicelib.telephony.webhook import AsksAgain, Controls, Deletes, Fetches, Provider

PROVIDERS: dict[str, Provider] = {
    "aircall": aircall,
    "dialpad": dialpad,
    "ringcentral": ringcentral,
    "ringover": ringover,
    "standard": standard,
    "twilio": twilio,
    "vonage": vonage,
    "zoom": zoom,
}
"""Amazon Connect and Genesys Cloud speak by EventBridge: AWS says that it is they."""

FETCHES: dict[str, Fetches] = {
    "aircall": aircall,
    "dialpad": dialpad,
    "ringcentral": ringcentral,
    "ringover": ringover,
    "standard": standard,
    "twilio": twilio,
    "vonage": vonage,
    "zoom": zoom,
}

ASKS_AGAIN: dict[str, AsksAgain] = {"aircall": aircall, "ringcentral": ringcentral}

DELETES: dict[str, Deletes] = {"twilio": twilio}

CONTROLS: dict[str, Controls] = {
    "aircall": aircall,
    "dialpad": dialpad,
    "genesys": genesys,
    "ringcentral": ringcentral,
    "twilio": twilio,
}
"""Amazon Connect's is an API of AWS: `adapters/control.py`."""

CONTROLLED = frozenset({"connect", *CONTROLS})

NAMED = ("3cx", "asterisk", "connect", "drop", "genesys")
"""Sources that an object's name tells, or EventBridge."""
