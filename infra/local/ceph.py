"""A throw-away Ceph object gateway on loopback: an S3 that really executes lifecycle rules (PLATFORM 2).

One monitor, one store in memory, one gateway, all in a temporary folder. Its lifecycle runs only when it is told to,
and at the moment that it is told: libfaketime shows that one process another clock, and days are whole days.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from infra.local.account import LocalAccountError, free_ports, process, wait

PACKAGES = "ceph-mon ceph-osd radosgw ceph-common libfaketime"
USER = "sourdine"
_PROGRAMS = ("ceph-mon", "ceph-osd", "radosgw", "radosgw-admin", "ceph", "monmaptool")
_A_PASS_SECONDS = 600
_SETTINGS = """[global]
fsid = {cluster}
mon host = v1:127.0.0.1:{monitor}/0
ms bind msgr2 = false
public addr = 127.0.0.1
cluster addr = 127.0.0.1
auth supported = none
osd pool default size = 1
osd pool default min size = 1
osd pool default pg num = 1
osd crush chooseleaf type = 0
osd crush update on start = false
osd class update on start = false
mon allow pool size one = true
mon max pg per osd = 1000
mon data avail crit = 1
osd objectstore = memstore
memstore device bytes = 1073741824
run dir = {folder}
admin socket =
log file = {folder}/$name.log
mon data = {folder}/mon
osd data = {folder}/osd
rgw data = {folder}/rgw
rgw frontends = beast endpoint=127.0.0.1:{gateway}
rgw enable lc threads = false
rgw lc max wp worker = 1
"""


@dataclass(frozen=True, slots=True)
class Ceph:
    """Where the gateway answers; `USER` is the name and the secret of its one user."""

    endpoint: str
    settings: Path

    def run_lifecycle(self, moment: datetime) -> None:
        """Execute every bucket's lifecycle once, as on that moment. Raises LocalAccountError when it does not end."""
        shown = moment.astimezone(UTC).strftime("@%Y-%m-%d %H:%M:%S")
        # Ceph waits by the monotonic clock, which must stay true: else it waits for days that do not come.
        clock = {"LD_PRELOAD": str(_faketime()), "FAKETIME": shown, "FAKETIME_DONT_FAKE_MONOTONIC": "1", "TZ": "UTC"}
        _run(["radosgw-admin", "-c", str(self.settings), "lc", "process"], clock)


@contextmanager
def ceph() -> Iterator[Ceph]:
    """Start a cluster, wait until it answers, stop it and forget it at the end.

    Raises LocalAccountError when its Debian packages are missing or it does not come up.
    """
    missing = [program for program in _PROGRAMS if not shutil.which(program)]
    if missing or not _faketime():
        told = f"as root, on Debian or Ubuntu: apt-get install --no-install-recommends {PACKAGES}"
        raise LocalAccountError(f"{', '.join(missing or ['libfaketime'])} not found; {told}")
    with tempfile.TemporaryDirectory(prefix="ceph-") as name:
        try:
            with _cluster(Path(name)) as started:
                yield started
        except LocalAccountError as error:
            raise LocalAccountError(f"{error}\n{_last_words(Path(name))}") from None


@contextmanager
def _cluster(folder: Path) -> Iterator[Ceph]:
    settings, environment = folder / "ceph.conf", dict(os.environ)
    (monitor, gateway), cluster = free_ports(2), str(uuid.uuid4())
    settings.write_text(_SETTINGS.format(cluster=cluster, monitor=monitor, gateway=gateway, folder=folder))
    _make_monitor(folder, cluster, monitor)
    told, endpoint = ["-f", "-c", str(settings)], f"http://127.0.0.1:{gateway}"
    with process(["ceph-mon", *told, "-i", "a"], environment, folder / "mon.out"):
        store = _make_store(folder)
        with (
            process(["ceph-osd", *told, *store], environment, folder / "osd.out"),
            process(["radosgw", *told, "-n", "client.rgw"], environment, folder / "gateway.out") as answering,
        ):
            wait(answering, endpoint, folder / "gateway.out", 90)
            keys = [f"--{name}={USER}" for name in ("uid", "display-name", "access-key", "secret-key")]
            _run(["radosgw-admin", "-c", str(settings), "user", "create", *keys])
            yield Ceph(endpoint, settings)


def _make_monitor(folder: Path, cluster: str, port: int) -> None:
    """What a monitor finds when it starts: who it is, and that it is alone."""
    for name in ("mon", "osd", "rgw"):
        (folder / name).mkdir()
    alone, at = str(folder / "monmap"), f"v1:127.0.0.1:{port}/0"
    _run(["monmaptool", "--create", "--fsid", cluster, "--addv", "a", at, alone])
    _run(["ceph-mon", "-c", str(folder / "ceph.conf"), "--mkfs", "-i", "a", "--monmap", alone])


def _make_store(folder: Path) -> list[str]:
    """Tell the monitor of the one store and make it; the options that name it, which one in memory forgets.

    Its place on the map too: a store that asks for it itself may ask before it knows its cluster, and is refused.
    """
    told, name = ["-c", str(folder / "ceph.conf")], str(uuid.uuid4())
    store = ["-i", "0", "--osd-uuid", name]
    monitor = ["ceph", *told, "--connect-timeout", "60", "osd"]
    _run([*monitor, "new", name])
    _run([*monitor, "crush", "add", "osd.0", "1.0", "root=default"])
    _run(["ceph-osd", *told, *store, "--mkfs"])
    return store


def _last_words(folder: Path) -> str:
    """The end of what each daemon said, before its folder is forgotten."""
    return "\n".join(f"{log.name}: {log.read_text(errors='replace')[-500:]}" for log in sorted(folder.glob("*.out")))


def _faketime() -> Path | None:
    """The library, wherever Debian puts it for this machine."""
    found = sorted(Path("/usr/lib").glob("*/faketime/libfaketimeMT.so.1"))
    return found[0] if found else None


def _run(command: list[str], extra: dict[str, str] | None = None) -> None:
    environment = os.environ | (extra or {})
    try:
        subprocess.run(command, env=environment, check=True, capture_output=True, timeout=_A_PASS_SECONDS)
    except subprocess.CalledProcessError as error:
        said = error.stderr.decode(errors="replace")[-2000:]
        raise LocalAccountError(f"{' '.join(command)} failed: {said}") from None
    except subprocess.TimeoutExpired:
        raise LocalAccountError(f"{' '.join(command)} has not ended after {_A_PASS_SECONDS} s") from None
