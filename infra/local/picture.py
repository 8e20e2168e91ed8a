"""The demo's picture: every channel before and after, the muted stretches marked."""

from __future__ import annotations

from pathlib import Path

import matplotlib as mpl

mpl.use("Agg")
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from chalicelib.model import Span
from infra.local.listen import RATE, listen

BEFORE, AFTER, MUTED = "#b8c4ce", "#1f5f8b", "#f4b942"
VOICES = ("customer", "agent")


def draw(calls: list[tuple[str, Path, Path, list[Span]]], target: Path) -> None:
    """Draw calls (title, WAV before, WAV after, spans muted) into the PNG `target`."""
    figure = Figure(figsize=(11, 2.1 * len(calls) * len(VOICES)), layout="constrained")
    axes = figure.subplots(len(calls) * len(VOICES), 1, squeeze=False)[:, 0]
    for number, (title, before, after, spans) in enumerate(calls):
        for channel, voice in enumerate(VOICES):
            own = [span for span in spans if span.channel in (None, channel)]
            _channel(axes[number * len(VOICES) + channel], f"{title}: {voice}", before, after, channel, own)
    axes[-1].set_xlabel("seconds")
    figure.legend(*axes[0].get_legend_handles_labels(), loc="outside upper right", ncols=3, fontsize=8, frameon=False)
    figure.savefig(target, dpi=110)


def _channel(axis: Axes, title: str, before: Path, after: Path, channel: int, spans: list[Span]) -> None:
    old, new = listen(before)[channel] / 32768, listen(after)[channel] / 32768
    seconds = [n / RATE for n in range(len(old))]
    for number, span in enumerate(spans):
        label = "muted" if number == 0 else None
        axis.axvspan(span.start_ms / 1000, span.end_ms / 1000, color=MUTED, alpha=0.35, lw=0, label=label)
    axis.plot(seconds, old, color=BEFORE, lw=0.6, label="before")
    axis.plot(seconds, new, color=AFTER, lw=0.6, label="after")
    peak = max(0.05, float(abs(old).max())) * 1.1
    axis.set(xlim=(0, len(old) / RATE), ylim=(-peak, peak), yticks=[])
    axis.set_title(title, loc="left", fontsize=9)
    axis.spines[["top", "right", "left"]].set_visible(False)
