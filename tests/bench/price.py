"""What an hour of sound costs on Lambda, by the CPU time that it took here; money is decimal."""

from __future__ import annotations

import json
from collections.abc import Mapping
from decimal import Decimal
from pathlib import Path

GIBIBYTE_SECOND = Decimal("0.0000166667")
"""USD, x86, first tier: Lambda's list price."""

TRANSCRIBE_MINUTE = Decimal("0.024")
"""USD, first tier: Amazon Transcribe's list price."""

WHOLE_PROCESSOR_MB = 1769
_CONFIG = Path(__file__).parents[2] / ".chalice/config.json"


def redact_mb() -> int:
    """Memory of the function that redacts."""
    functions = json.loads(_CONFIG.read_text())["stages"]["sourdine"]["lambda_functions"]
    return int(functions["redact"]["lambda_memory_size"])


def dollars(cpu_s: Decimal, memory_mb: int) -> Decimal:
    """What CPU seconds cost in a function of so much memory, which gets a processor in proportion."""
    billed_s = cpu_s * max(1, Decimal(WHOLE_PROCESSOR_MB) / memory_mb)
    return billed_s * memory_mb / 1024 * GIBIBYTE_SECOND


def sentence(cpu_s_per_hour: Mapping[str, float]) -> str:
    """USD per hour of sound by format, with what is assumed."""
    memory = redact_mb()
    each = [
        f"{dollars(Decimal(f'{spent:.3f}'), memory):.6f} ({name})" for name, spent in cpu_s_per_hour.items()
    ]  # fmt: skip
    return (
        f"On Lambda an hour of sound costs {', '.join(each)} USD to redact, by the CPU time of `redact` with 10 spans: "
        f"{memory} MB, of which {WHOLE_PROCESSOR_MB} bring a whole processor as fast as this one, at "
        f"{GIBIBYTE_SECOND} USD per GB-second (list price, x86); start-up, transfers and requests (0.20 USD a million) "
        f"apart. Hearing that hour costs {TRANSCRIBE_MINUTE * 60:.2f} USD of Amazon Transcribe "
        f"({TRANSCRIBE_MINUTE} a minute, first tier).\n"
    )
