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
from chalicelib.cli.spans import read_spans, stretch
from chalicelib.errors import SourdineError
from chalicelib.model import Finding, Span, Transcript
from chalicelib.services.media import beeps, is_exact, listened, media, require_readable
from chalicelib.services.muting import mute_media
from chalicelib.services.redaction import CUT, Manner, redact_file
from chalicelib.spans import clip, merge
from chalicelib.speech import amazon
from chalicelib.speech.words import language as require_language


def add(commands: Any) -> None:
    """Declare the command."""
    parser: argparse.ArgumentParser = commands.add_parser(
        "redact",
        help="write a copy of a recording with the bank data silenced, and verify it",
        description="Hear IN, or read what was heard, silence the bank data and write OUT. OUT is written only if it "
        "was verified: silent in every span, and the same everywhere else, as far as its format allows. Nothing leaves "
        "this machine.",
    )
    parser.add_argument("source", metavar="IN", type=Path, help="WAV, MP3, Ogg/Opus, FLAC, AMR, M4A/MP4 or WebM")
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
    parser.add_argument("--menu-keys", action="store_true", help="leave a key that is pressed alone audible")
    parser.add_argument("--tone", action="store_true", help="a soft beep, not silence: linear PCM and G.711 only")
    cut_help = "nothing from second A to second B is kept, whatever is said there; may be given again"
    parser.add_argument("--cut", type=stretch, metavar="A-B", action="append", default=[], help=cut_help)
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
    print(_summary(options, findings))
    return 0


def _summary(options: argparse.Namespace, findings: list[Finding]) -> str:
    if not findings:
        return "verified, and nothing was muted: no bank data was found in what was heard, which need not be all"
    silent = merge(Span(finding.span.start_ms, finding.span.end_ms) for finding in findings)
    total = sum(span.end_ms - span.start_ms for span in silent)
    beside = "" if is_exact(options.target) else " but what is beside them, on every channel"
    text = f"verified: {len(findings)} span(s) muted, {total} ms of the call, nothing else changed{beside}"
    return text + (" (in silence: this format holds no beep)" if options.tone and not beeps(options.target) else "")


def _require_apart(options: argparse.Namespace) -> None:
    """What is written must be a file, and none of the files that are read or written besides. Raises SourdineError."""
    read = [path for path in (options.source, options.transcript, options.spans) if path]
    if not options.source.is_file():
        raise SourdineError(f"{options.source} is no file: name the recording")
    for written in [path for path in (options.target, options.report) if path]:
        if written.exists() and not written.is_file():
            raise SourdineError(f"{written} is a folder or a device: name a file")
        if not written.absolute().parent.is_dir():
            raise SourdineError(f"the folder of {written} does not exist: make it first")
        if any(written.resolve() == other.resolve() for other in read):
            raise SourdineError(f"{written} would be overwritten, and it is an original: name another file")
    if options.report and options.report.resolve() == options.target.resolve():
        raise SourdineError("the report would overwrite the recording: name another file")


def _mute(options: argparse.Namespace, target: Path) -> list[Finding]:
    """Mute into `target` in the way that the options name, and verify."""
    if options.spans:
        return _mute_given(options, target)
    language = options.language or DEFAULT_LANGUAGE
    require_language(language)
    if options.transcript:
        transcript = amazon.load(amazon.parse(options.transcript.read_bytes()), language)
        needed, language = AMAZON_PADDING_MS, options.language or transcript.language
    else:
        transcript, needed = _hear(options, language), WHISPER_PADDING_MS
    padding_ms = needed if options.padding_ms is None else options.padding_ms
    manner = Manner(padding_ms, options.strict, options.menu_keys, options.tone)
    return redact_file(options.source, target, transcript, language, manner, options.cut)


def _mute_given(options: argparse.Namespace, target: Path) -> list[Finding]:
    if options.padding_ms is not None or options.strict or options.menu_keys:
        raise SourdineError("--spans mutes these spans exactly: leave out --padding-ms, --strict and --menu-keys")
    with media(options.source) as source:
        spans = read_spans(options.spans.read_bytes())
        findings = [Finding(span, "given", 1.0, "given") for span in spans]
        findings += [Finding(span, CUT, 1.0, CUT) for span in clip(options.cut, source.sound.duration_ms)]
        mute_media(source, target, [finding.span for finding in findings], options.tone)
    return findings


def _hear(options: argparse.Namespace, language: str) -> Transcript:
    recogniser = Whisper(options.model or os.environ.get("SOURDINE_WHISPER_MODEL"))
    with _progress("hearing") as told, listened(options.source) as sound:
        return recogniser.hear(sound, language, told)


def _report(path: Path, findings: list[Finding]) -> dict[str, Any]:
    """What was muted, in seconds; no digits, no words."""
    separate = is_exact(path)
    muted = [
        {
            "start": finding.span.start_ms / 1000,
            "end": finding.span.end_ms / 1000,
            "channel": finding.span.channel if separate else None,
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
    target = target.resolve()
    with NamedTemporaryFile(dir=target.parent, prefix=".sourdine-", delete=False) as partial:
        path = Path(partial.name)
    try:
        yield path
        path.chmod(target.stat().st_mode if target.exists() else 0o666 & ~_umask())
        path.replace(target)
    finally:
        path.unlink(missing_ok=True)


def _umask() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return mask


@contextmanager
def _progress(what: str) -> Iterator[Callable[[int, int], None]]:
    """A bar on a terminal, nothing elsewhere."""
    from tqdm import tqdm

    with tqdm(desc=what, unit="s", disable=None) as bar:

        def told(done_ms: int, total_ms: int) -> None:
            bar.total = total_ms // 1000
            bar.update(done_ms // 1000 - bar.n)

        yield told
