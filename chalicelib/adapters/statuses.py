"""What the status of a provider's answer means to us."""

from __future__ import annotations

from chalicelib.errors import ProviderRefused, ProviderUnreachable

MOVED = {301, 302, 303, 307, 308}
_LATER = {408, 425, 429}
_NOT_READY = 202


def require_answer(status: int) -> None:
    """Raises ProviderUnreachable for what is no answer yet."""
    if status in _LATER or status >= 500:
        raise ProviderUnreachable(f"the provider cannot answer now (status {status}): ask again later")


def require_media(status: int) -> None:
    """Raises what an answer without a recording means."""
    require_answer(status)
    if status == _NOT_READY:
        raise ProviderUnreachable("the provider has not got the recording ready: ask again later")
    if status != 200:
        raise ProviderRefused(status)
