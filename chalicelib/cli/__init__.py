"""The commands of `python -m chalicelib`: one module each, `add(commands)` to declare it."""

from argparse import ArgumentTypeError

DEFAULT_LANGUAGE = "fr-FR"
STRICT_HELP = "mute every number of nine digits or more, whatever it is"
AMAZON_PADDING_MS, WHISPER_PADDING_MS = 250, 800
"""What each recogniser's word times need on both sides (PLATFORM 6)."""


def padding(text: str) -> int:
    """Milliseconds of padding: 0 or more, for a negative one would leave bank data audible."""
    if not text.isdecimal():
        raise ArgumentTypeError(f"milliseconds are a whole number from 0, not {text!r}")
    return int(text)
