"""The recogniser's jobs: a bounded queue, and a few threads over one model.

A stop loses the jobs that have not ended: the server then no longer knows them, and whoever asked asks again.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field

from chalicelib.errors import SourdineError
from infra.local.hearing import OTHER_REASON, REASONS, AbandonedError, Hearing, Order, Recogniser

log = logging.getLogger("sourdine.recogniser")


class AlreadyThereError(Exception):
    """A job of that name is known."""


class QueueFullError(Exception):
    """As many jobs wait as may wait."""


@dataclass(slots=True, eq=False)
class Job:
    """An order and how far it is: QUEUED, IN_PROGRESS, COMPLETED or FAILED; times are Unix seconds."""

    order: Order
    state: str = "QUEUED"
    reason: str = ""
    created: float = field(default_factory=time.time)
    ended: float | None = None


class Jobs:
    """`load` makes the recogniser, in the background; `recogniser` is that loading, to be waited for.

    `workers` jobs are heard at once, `waiting` more may wait, and `kept` ended ones are remembered.
    """

    def __init__(
        self,
        load: Callable[[], Recogniser],
        hearing: Hearing,
        workers: int = 1,
        waiting: int = 100,
        kept: int = 1000,
    ) -> None:
        self._hearing = hearing
        self._waiting, self._kept = waiting, kept
        self._known: dict[str, Job] = {}
        self._lock = threading.Lock()
        self._stopping = False
        self._pool = ThreadPoolExecutor(workers, thread_name_prefix="recogniser")
        self.recogniser: Future[Recogniser] = self._pool.submit(load)

    @property
    def ready(self) -> bool:
        """Whether the model is there."""
        return self.recogniser.done() and self.recogniser.exception() is None

    def counts(self) -> dict[str, int]:
        """How many jobs wait, and how many are being heard."""
        with self._lock:
            states = [job.state for job in self._known.values()]
        return {"queued": states.count("QUEUED"), "running": states.count("IN_PROGRESS")}

    def add(self, order: Order) -> Job:
        """Let an order wait for its turn. Raises AlreadyThereError, QueueFullError."""
        with self._lock:
            if order.name in self._known:
                raise AlreadyThereError
            if self._stopping or sum(job.state == "QUEUED" for job in self._known.values()) >= self._waiting:
                raise QueueFullError
            job = self._known[order.name] = Job(order)
            self._pool.submit(self._run, job)
            return job

    def get(self, name: str) -> Job | None:
        """The job of that name; None when it was never there, was deleted or is long over."""
        with self._lock:
            return self._known.get(name)

    def delete(self, name: str) -> bool:
        """Forget a job, and leave no output of it if it has not ended. False when it is not known."""
        with self._lock:
            return self._known.pop(name, None) is not None

    def stop(self) -> None:
        """Begin no job any more, give up those being heard at their next words, and wait for that."""
        with self._lock:
            self._stopping = True
        self._pool.shutdown(wait=True, cancel_futures=True)

    def _go_on(self, job: Job) -> None:
        if self._stopping or self.get(job.order.name) is not job:
            raise AbandonedError

    def _run(self, job: Job) -> None:
        try:
            self._go_on(job)
            job.state = "IN_PROGRESS"
            self._hearing.transcribe(job.order, self.recogniser.result(), lambda: self._go_on(job))
            reason = ""
        except AbandonedError:
            log.info("job %s ABANDONED", job.order.name)
            return
        except SourdineError as error:
            reason = REASONS.get(error.code, OTHER_REASON)
        except Exception:  # whatever it is, its message may quote a key or a word
            reason = OTHER_REASON
        self._end(job, reason)

    def _end(self, job: Job, reason: str) -> None:
        with self._lock:
            job.reason, job.ended = reason, time.time()
            job.state = "FAILED" if reason else "COMPLETED"
            over = [name for name, other in self._known.items() if other.ended]
            for name in over[: max(0, len(over) - self._kept)]:
                del self._known[name]
        log.info("job %s %s", job.order.name, job.state)
        if not self._hearing.tell(job.order.name, job.state):
            log.warning("job %s EVENT NOT SENT", job.order.name)
