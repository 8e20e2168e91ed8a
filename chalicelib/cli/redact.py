"""`redact IN OUT`: a copy of a recording with the bank data silenced, there only if it was verified."""

from __future__ import annotations

import argparse
import json
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import Any

from chalicelib.adapters.whisper import Whisper
from chalicelib.cli import AMAZON_PADDING_MS, DEFAULT_LANGUAGE, STRICT_HELP, WHISPER_PADDING_MS, padding
from chalicelib.cli.spans import read_spans
from chalicelib.errors import SourdineError
from chalicelib.model import Finding, Transcript
from chalicelib.services.media import MPEG, content_type, media, mute_media, require_readable
from chalicelib.services.redaction import redact_file
from chalicelib.speech import amazon
from chalicelib.speech.words import language as require_language


def add(commands: Any) -> None:
    """Declare the command."""
    parser: argparse.ArgumentParser = commands.add_parser(
        "redact",
        help="write a copy of a recording with the bank data silenced, and verify it",
        description="Hear IN, or read what was heard, silence the bank data and write OUT. OUT is written only if it "
        "was verified: silent in every span, the same to the sample everywhere else. Nothing leaves this machine.",
    )
    parser.add_argument("source", metavar="IN", type=Path, help="a WAV file, linear PCM or G.711, or an MP3")
    parser.add_argument("target", metavar="OUT", type=Path, help="the file to write; replaced if it is there")
    parser.add_argument("--language", help=f"the call's language: fr-FR, en-GB … (default: {DEFAULT_LANGUAGE})")
    heard = parser.add_mutually_exclusive_group()
    heard.add_argument("--transcript", type=Path, metavar="T.json", help="Amazon Transcribe's JSON, instead of hearing")
    spans_help = (
        'these spans exactly, instead of hearing: [{"start": s, "end": s, "channel": 0, 1 or null}], in seconds'
    )
    heard.add_argument("--spans", type=Path, metavar="S.json", help=spans_help)
    parser.add_argument(
        "--report", type=Path, metavar="R.json", help="write what was muted: times and kinds, no digits"
    )
    parser.add_argument("--padding-ms", type=padding, help="silence on both sides (default: what the recogniser needs)")
    parser.add_argument("--strict", action="store_true", help=STRICT_HELP)
    parser.add_argument("--model", help="a faster-whisper model's folder (default: $SOURDINE_WHISPER_MODEL, else base)")
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    """Redact one file. Raises SourdineError or OSError, and then OUT is as it was."""
    _require_apart(options)
    require_readable(options.source)
    with _replacing(options.target) as partial:
        findings = _mute(options, partial)
        if options.report:
            options.report.write_text(json.dumps(_report(options.source, findings), indent=1) + "\n")
    total = sum(finding.span.end_ms - finding.span.start_ms for finding in findings)
    beside = " but the frames beside them" if content_type(options.target) == MPEG else ""
    print(f"verified: {len(findings)} span(s) muted, {total} ms in all, nothing else changed{beside}")
    return 0


def _require_apart(options: argparse.Namespace) -> None:
    """What is written must be a file, and none of the files that are read or written besides. Raises SourdineError."""
    read = [path for path in (options.source, options.transcript, options.spans) if path]
    for written in [path for path in (options.target, options.report) if path]:
        if written.is_dir():
            raise SourdineError(f"{written} is a folder: name a file")
        if any(written.resolve() == other.resolve() for other in read):
            raise SourdineError(f"{written} would be overwritten, and it is an original: name another file")
    if options.report and options.report.resolve() == options.target.resolve():
        raise SourdineError("the report would overwrite the recording: name another file")


def _mute(options: argparse.Namespace, target: Path) -> list[Finding]:
    """Mute into `target` in the way that the options name, and verify."""
    if options.spans:
        spans = read_spans(options.spans.read_bytes())
        with media(options.source) as source:
            mute_media(source, target, spans)
        return [Finding(span, "given", 1.0, "given") for span in spans]
    language = options.language or DEFAULT_LANGUAGE
    require_language(language)
    if options.transcript:
        transcript = amazon.load(amazon.parse(options.transcript.read_bytes()), language)
        needed, language = AMAZON_PADDING_MS, options.language or transcript.language
    else:
        transcript, needed = _hear(options, language), WHISPER_PADDING_MS
    padding_ms = needed if options.padding_ms is None else options.padding_ms
    return redact_file(options.source, target, transcript, language, padding_ms, options.strict)


def _hear(options: argparse.Namespace, language: str) -> Transcript:
    recogniser = Whisper(options.model or os.environ.get("SOURDINE_WHISPER_MODEL"))
    with _progress("hearing") as told:
        return recogniser.hear(options.source, language, told)


def _report(path: Path, findings: list[Finding]) -> dict[str, Any]:
    """What was muted, in seconds; no digits, no words."""
    muted = [
        {
            "start": finding.span.start_ms / 1000,
            "end": finding.span.end_ms / 1000,
            "channel": finding.span.channel,
            "kind": finding.kind,
            "rule": finding.rule,
            "confidence": finding.confidence,
        }
        for finding in findings
    ]
    with media(path) as source:
        codec, sound = source.codec, source.sound
    form = {"codec": codec, "channels": sound.channels, "rate": sound.rate, "duration_ms": sound.duration_ms}
    return {"verified": True, **form, "muted": muted}


@contextmanager
def _replacing(target: Path) -> Iterator[Path]:
    """A file beside `target` that takes its place only if all went well."""
    with NamedTemporaryFile(dir=target.parent, prefix=f".{target.name}.", delete=False) as partial:
        path = Path(partial.name)
    try:
        yield path
        path.replace(target)
    finally:
        path.unlink(missing_ok=True)


@contextmanager
def _progress(what: str) -> Iterator[Callable[[int, int], None]]:
    """A bar on a terminal, nothing elsewhere."""
    from tqdm import tqdm

    with tqdm(desc=what, unit="s", disable=None) as bar:

        def told(done_ms: int, total_ms: int) -> None:
            bar.total = total_ms // 1000
            bar.update(done_ms // 1000 - bar.n)

        yield told
