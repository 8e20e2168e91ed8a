"""`detect FILE…`: where bank data is heard in transcripts, one JSON object a line."""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path
from typing import Any

from chalicelib.cli import AMAZON_PADDING_MS, DEFAULT_LANGUAGE, STRICT_HELP, padding
from chalicelib.errors import SourdineError
from chalicelib.model import Finding
from chalicelib.services.redaction import widen
from chalicelib.speech import amazon
from chalicelib.speech.detect import detect

_NO_END_MS = 7 * 24 * 3_600_000


def add(commands: Any) -> None:
    """Declare the command."""
    parser: argparse.ArgumentParser = commands.add_parser(
        "detect",
        help="say where bank data is heard in transcripts",
        description="Print one JSON object a line for each FILE: its name and the spans to mute, in seconds.",
    )
    parser.add_argument("files", metavar="FILE", nargs="+", type=Path, help="Amazon Transcribe's batch JSON")
    parser.add_argument("--language", help=f"the calls' language (default: each file's own, else {DEFAULT_LANGUAGE})")
    parser.add_argument(
        "--padding-ms", type=padding, default=AMAZON_PADDING_MS, help="on both sides (default: %(default)s)"
    )
    parser.add_argument("--strict", action="store_true", help=STRICT_HELP)
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    """Give every file its line or its error; one bad file hides no other, and makes the exit status 1."""
    failed = 0
    for path in options.files:
        try:
            line = {"file": str(path), "spans": _spans(path, options)}
            print(json.dumps(line, ensure_ascii=False), flush=True)
        except (SourdineError, OSError) as error:
            print(f"error: {path}: {error}", file=sys.stderr)
            failed = 1
    return failed


def _spans(path: Path, options: argparse.Namespace) -> list[dict[str, Any]]:
    transcript = amazon.load(amazon.parse(path.read_bytes()), options.language or DEFAULT_LANGUAGE)
    findings = detect(transcript, options.language or transcript.language, options.strict)
    return [_line(finding) for finding in widen(findings, options.padding_ms, _NO_END_MS)]


def _line(finding: Finding) -> dict[str, Any]:
    span = finding.span
    channel = None if span.channel is None else f"ch_{span.channel}"
    return {"start": span.start_ms / 1000, "end": span.end_ms / 1000, "channel": channel, "kind": finding.kind}
