"""How long a call's audio may live (CNIL: six months at most from collection; FACTS 1.1 and 3.1).

The clock starts at the *call*, whenever the object was written. 180 days are at most six calendar months from
any day (181 to 184), so that a lifecycle rule, which counts days, is never late.
"""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

LAWFUL_DAYS = 180


def last_day(started_at: datetime, zone: ZoneInfo, days: int) -> date:
    """The last day, in the controller's zone, on which the call's audio may still be there."""
    return started_at.astimezone(zone).date() + timedelta(days=days)


def lifecycle_days(started_at: datetime, written_at: datetime, days: int) -> int:
    """Days for an S3 lifecycle rule that starts at `written_at`; 0 or less when the object must not be written.

    S3 expires at the midnight (UTC) after `written_at` plus that many days, which is then the midnight that ends
    the call's day plus `days`, however late the recording arrived.
    """
    late = (written_at.astimezone(UTC).date() - started_at.astimezone(UTC).date()).days
    return days - max(0, late)
