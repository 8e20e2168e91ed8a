"""Build the corpus: `python -m tests.corpus.build [--out build/corpus] [--prompts DIR] [--demo]`."""

import argparse
import audioop
import json
import struct
import sys
from pathlib import Path

from tests.corpus.compose import RATE, WIDTH, Composed, MissingPrompt, compose
from tests.corpus.script import Script, load_scripts

PROMPTS = Path("/usr/share/asterisk/sounds")
DEMO = Path(__file__).with_name("demo")
CHANNEL_COUNT = 2
PCM, MULAW = 1, 7
MISSING = """{reason}
The voices come from two Debian packages (or name their folder with --prompts):
    sudo apt-get install asterisk-core-sounds-fr-wav asterisk-core-sounds-en-wav"""


def wav_bytes(samples: bytes, codec: str) -> bytes:
    """A whole WAV file of PCM16 stereo `samples`, stored as `pcm16` or as G.711 `mulaw`."""
    if codec == "pcm16":
        return _riff(_format(PCM, WIDTH), _chunk(b"data", samples))
    if codec == "mulaw":
        frames = struct.pack("<I", len(samples) // (WIDTH * CHANNEL_COUNT))
        sound = audioop.lin2ulaw(samples, WIDTH)
        no_extension = struct.pack("<H", 0)
        fmt = _format(MULAW, 1) + no_extension
        return _riff(fmt, _chunk(b"fact", frames), _chunk(b"data", sound))
    raise ValueError(f"unknown codec {codec}")


def _format(tag: int, width: int) -> bytes:
    block = width * CHANNEL_COUNT
    return struct.pack("<HHIIHH", tag, CHANNEL_COUNT, RATE, RATE * block, block, width * 8)


def _chunk(name: bytes, body: bytes) -> bytes:
    return name + struct.pack("<I", len(body)) + body + b"\0" * (len(body) % 2)


def _riff(fmt: bytes, *chunks: bytes) -> bytes:
    return _chunk(b"RIFF", b"WAVE" + _chunk(b"fmt ", fmt) + b"".join(chunks))


def write(script: Script, composed: Composed, out: Path) -> Path:
    """Write `<call_id>.wav` and `<call_id>.json` into `out`; answer the WAV's path."""
    out.mkdir(parents=True, exist_ok=True)
    sound = out / f"{script.call_id}.wav"
    sound.write_bytes(wav_bytes(composed.samples, script.codec))
    words = ",\n".join("  " + json.dumps(word, ensure_ascii=False) for word in composed.truth["words"])
    head = json.dumps(composed.truth | {"words": []}, ensure_ascii=False)
    sound.with_suffix(".json").write_text(head.replace("[]", f"[\n{words}\n]") + "\n", encoding="utf-8")
    return sound


def main(argv: list[str] | None = None) -> int:
    """Compose the asked calls and report each; 1 when the voices are not installed."""
    parser = argparse.ArgumentParser(prog="python -m tests.corpus.build", description=__doc__)
    parser.add_argument("--out", type=Path, default=Path("build/corpus"), help="where the corpus goes")
    parser.add_argument("--prompts", type=Path, default=PROMPTS, help="folder of the voices' folders")
    parser.add_argument("--demo", action="store_true", help="rebuild the two committed calls, in place")
    asked = parser.parse_args(argv)
    scripts = [script for script in load_scripts() if script.demo or not asked.demo]
    try:
        for script in scripts:
            composed = compose(script, asked.prompts)
            path = write(script, composed, DEMO if asked.demo else asked.out)
            print(f"{path}  {composed.truth['duration_ms'] / 1000:.1f} s  {path.stat().st_size:,} bytes")
    except MissingPrompt as error:
        print(MISSING.format(reason=error), file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
