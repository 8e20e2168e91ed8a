"""Amazon Transcribe's API, as far as Sourdine uses it, over Whisper on your own machine: nobody else hears.

Run `python -m infra.local.transcribe_server --help`. Starts, shows and deletes transcription jobs (AWS JSON 1.1).
What it does not offer it refuses: a caller who asks for redaction must not believe that it was done.
"""

from __future__ import annotations

import argparse
import logging
import os
import signal
import sys
import threading
from collections.abc import Sequence
from types import FrameType

import boto3
from botocore.exceptions import BotoCoreError

from chalicelib.adapters.whisper import Whisper
from chalicelib.errors import SourdineError
from infra.local.hearing import Hearing
from infra.local.jobs import Jobs, log
from infra.local.transcribe_http import TranscribeServer

EPILOG = """\
Environment: the usual AWS variables say who this server is to S3 (reads media, writes transcripts) and to
EventBridge (one event per ended job): AWS_DEFAULT_REGION, AWS_PROFILE or keys, AWS_ENDPOINT_URL for a local account.
SOURDINE_WHISPER_MODEL is the default of --model.

Point Sourdine at it with AWS_ENDPOINT_URL_TRANSCRIBE=http://HOST:PORT on its functions.

Callers are not authenticated: whoever reaches the port may have transcribed whatever these credentials may read.
Leave it on loopback, or open it to a private network and its functions alone.

GET /health answers 503 while the model loads, then 200 with the number of jobs queued and running.
"""


def parser() -> argparse.ArgumentParser:
    """The command line."""
    shape = argparse.RawDescriptionHelpFormatter
    made = argparse.ArgumentParser("transcribe_server", description=__doc__, epilog=EPILOG, formatter_class=shape)
    made.add_argument("--port", type=int, default=8765, help="port to listen on (default 8765; 0: any free one)")
    made.add_argument("--host", default="127.0.0.1", help="address to listen on (default 127.0.0.1: this machine)")
    made.add_argument("--workers", type=_count, default=1, help="recordings heard at once (default 1)")
    made.add_argument("--queue", type=_count, default=100, help="jobs that may wait; more are refused (default 100)")
    made.add_argument(
        "--model",
        default=os.environ.get("SOURDINE_WHISPER_MODEL"),
        help="folder of a CTranslate2 Whisper model, or a hub name, which is then downloaded "
        "(default: Whisper base out of its two PyPI packages, no network)",
    )
    made.add_argument(
        "--event-source",
        default="sourdine.transcribe",
        help="source of the events (default sourdine.transcribe: on a real bus only AWS may say aws.transcribe)",
    )
    return made


def _count(text: str) -> int:
    if not text.isdecimal() or int(text) < 1:
        raise argparse.ArgumentTypeError(f"a whole number from 1, not {text!r}")
    return int(text)


def main(arguments: Sequence[str] | None = None) -> int | str:
    """Serve until SIGTERM or SIGINT. Returns 0, or what kept it from serving."""
    options = parser().parse_args(arguments)
    _log_only_ours()
    try:
        hearing = Hearing(boto3.client("s3"), boto3.client("events"), options.event_source)
    except BotoCoreError as error:
        return f"cannot start: {error}"
    jobs = Jobs(lambda: Whisper(options.model, options.workers), hearing, options.workers, options.queue)
    try:
        with TranscribeServer((options.host, options.port), jobs) as server:
            return _serve(server, jobs)
    except (OSError, OverflowError) as error:
        return f"cannot listen: {error}"
    finally:
        jobs.stop()


def _serve(server: TranscribeServer, jobs: Jobs) -> int | str:
    """Serve until a signal, or until the model turns out not to load."""
    over = threading.Event()
    _on_signals(over)
    jobs.recogniser.add_done_callback(lambda _: log.info("ready") if jobs.ready else over.set())
    threading.Thread(target=server.serve_forever, daemon=True).start()
    log.info("listening on port %d", server.server_port)
    over.wait()
    server.shutdown()
    error = jobs.recogniser.exception() if jobs.recogniser.done() else None
    return 0 if error is None else str(error) if isinstance(error, SourdineError) else "the recogniser does not load"


def _on_signals(over: threading.Event) -> None:
    def end(number: int, _: FrameType | None) -> None:
        signal.signal(number, signal.SIG_DFL)  # a second one does not wait for the words being heard
        over.set()

    signal.signal(signal.SIGTERM, end)
    signal.signal(signal.SIGINT, end)


def _log_only_ours() -> None:
    """Libraries' warnings stay out: they quote addresses, and addresses hold keys."""
    logging.getLogger().addHandler(logging.NullHandler())
    handler = logging.StreamHandler()
    handler.setFormatter(logging.Formatter("%(asctime)s %(message)s"))
    log.addHandler(handler)
    log.setLevel(logging.INFO)
    log.propagate = False


if __name__ == "__main__":
    sys.exit(main())
