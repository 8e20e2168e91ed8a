"""A file of spans as people write it, in seconds."""

from __future__ import annotations

import json
from argparse import ArgumentTypeError
from decimal import ROUND_CEILING, ROUND_FLOOR, Decimal, DecimalException
from typing import Any

from chalicelib.errors import InvalidSpan
from chalicelib.model import Span

_LONGEST_MS = 24 * 3_600_000
SHAPE = '[{"start": seconds, "end": seconds, "channel": 0, 1 or null}]'


def read_spans(body: bytes) -> list[Span]:
    """Spans whose seconds are taken outward to whole milliseconds. Raises InvalidSpan, naming the bad one."""
    try:
        items = json.loads(body, parse_float=Decimal, parse_constant=Decimal)
    except (ValueError, RecursionError) as error:
        raise InvalidSpan(f"the spans file is not JSON: write {SHAPE}") from error
    if not isinstance(items, list):
        raise InvalidSpan(f"the spans file is not a list: write {SHAPE}")
    return [_span(number, item) for number, item in enumerate(items, 1)]


def stretch(text: str) -> Span:
    """`12.5-30`: every channel from one second to another. Raises ArgumentTypeError."""
    try:
        start, end = text.split("-")
        return _outward(start, end, None)
    except InvalidSpan as error:
        raise ArgumentTypeError(str(error)) from error
    except (ValueError, OverflowError, DecimalException) as error:
        raise ArgumentTypeError(f"a stretch is two times in seconds, such as 12.5-30, not {text!r}") from error


def _outward(start: Any, end: Any, channel: int | None) -> Span:
    """Seconds taken outward to whole milliseconds."""
    start_ms = int((Decimal(start) * 1000).to_integral_value(ROUND_FLOOR))
    end_ms = int((Decimal(end) * 1000).to_integral_value(ROUND_CEILING))
    if end_ms > _LONGEST_MS:
        raise InvalidSpan("no recording is a day long")
    return Span(start_ms, end_ms, channel)


def _span(number: int, item: Any) -> Span:
    try:
        channel = item.get("channel")
        if channel is not None and type(channel) is not int:
            raise TypeError
        if any(type(item[name]) not in (int, Decimal) for name in ("start", "end")):
            raise TypeError
        return _outward(item["start"], item["end"], channel)
    except InvalidSpan as error:
        raise InvalidSpan(f"span {number}: {error}") from None
    except (KeyError, TypeError, ValueError, AttributeError, OverflowError, DecimalException) as error:
        raise InvalidSpan(f"span {number} is not of the shape {SHAPE}") from error
