"""What a scheduler cannot do, said before anything is made."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from mlxp_fn.errors import SubmissionError
from mlxp_fn.jobs.dialects import Dialect
from mlxp_fn.jobs.script import EndWarning, SubmitOptions


def what_is_not_served(
    dialect: Dialect,
    options: SubmitOptions,
    log_dirs: Iterable[str],
    warnings: Iterable[EndWarning],
    array: bool = False,
) -> Iterator[str]:
    """A remark on each thing that will be otherwise than is asked for.

    Raises `SubmissionError` for what cannot be at all.

    >>> from mlxp_fn.jobs.dialects import OAR
    >>> list(what_is_not_served(OAR, SubmitOptions(after=("7",)), ["/home/me/logs"], []))
    ['oar waits for the end of job 7, whether it ends well or not']
    """
    _refuse_directories(dialect, log_dirs)
    for option, is_asked, can in (
        ("--array", array, dialect.array_flag),
        ("--hold", options.hold, dialect.hold_flag),
        ("--after", options.after, dialect.after),
    ):
        if is_asked and not can:
            raise SubmissionError(f"{dialect.name} is not known to serve {option}; leave it out")
    if options.at_once and not dialect.array_throttle:
        raise SubmissionError(f"{dialect.name} cannot run so many tasks of an array at a time; leave --at-once out")
    if options.after and not dialect.after_success:
        yield f"{dialect.name} waits for the end of job {', '.join(options.after)}, whether it ends well or not"
    for warning in warnings:
        if warning.seconds:
            yield from _warned_otherwise(dialect, warning)


def _refuse_directories(dialect: Dialect, log_dirs: Iterable[str]) -> None:
    for log_dir in log_dirs:
        odd = re.search(dialect.directory_without, log_dir) if dialect.directory_without else None
        if odd:
            raise SubmissionError(
                f"{dialect.name} starts no job in {log_dir}, for {odd[0]!r} is in the path; choose another "
                "logger.parent_log_dir"
            )


def _warned_otherwise(dialect: Dialect, warning: EndWarning) -> Iterator[str]:
    if not dialect.warning:
        yield f"warn_before={warning.seconds} has no effect: {dialect.name} warns no job before its end"
    elif dialect.warning_signals and warning.signal not in dialect.warning_signals:
        can = " or ".join(f"SIG{signal}" for signal in dialect.warning_signals)
        raise SubmissionError(
            f"{dialect.name} warns with {can}, not with SIG{warning.signal}: set mlxp.warning_signal, or "
            "warn_before=0"
        )
