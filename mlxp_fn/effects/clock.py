"""The clock: the only place that asks what time it is."""

from __future__ import annotations

import time
from datetime import UTC, datetime

from mlxp_fn.records import Moment


def now() -> Moment:
    """This instant, in UTC to the microsecond and as the wall clock shows it."""
    return _moment(datetime.now(UTC))


def moment_of(file_time: float) -> Moment:
    """The instant at which a file was touched."""
    return _moment(datetime.fromtimestamp(file_time, UTC))


def _moment(instant: datetime) -> Moment:
    return Moment(
        time=instant.strftime("%Y-%m-%dT%H:%M:%S.%fZ"),
        local=instant.astimezone().strftime("%d/%m/%Y %H:%M:%S"),
    )


def seconds() -> float:
    """This instant in seconds since 1970, as file times are counted."""
    return time.time()


def monotonic() -> float:
    """Seconds since some moment, for durations."""
    return time.monotonic()
