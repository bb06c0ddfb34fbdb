"""MLXP's `info` of a run, made from its state: what `info.yaml` holds and a reader shows."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from mlxp_fn import layout
from mlxp_fn.records import InputLogged, Moment, RunInfo, Submitted, Unsubmitted


def info_columns(info: RunInfo, logger: Mapping[str, Any]) -> dict[str, Any]:
    """MLXP's keys and ours (`start`, `end`, `attempt`, `error`, `signal`, the environment) as nested plain data;
    `logger` are the id and the directories of the run."""
    environment = info.environment or {}
    start_date, start_time = _date_and_time(info.start)
    end_date, end_time = _date_and_time(info.end)
    return {
        "status": info.status.value,
        "current_file_path": info.current_file_path,
        "executable": info.executable,
        "hostname": info.hostname,
        "process_id": info.process_id,
        "start_date": start_date,
        "start_time": start_time,
        "end_date": end_date,
        "end_time": end_time,
        "work_dir": info.work_dir,
        "logger": logger,
        "scheduler": environment.get("scheduler") or _submitted(info),
        "version_manager": None if info.version_manager is None else dict(info.version_manager),
        **_ours(info),
        **_depended_on(environment),
    }


def _submitted(info: RunInfo) -> dict[str, Any] | None:
    """The job of a run that has not started, or why it has none."""
    match info.submission:
        case Submitted(scheduler=name, job_id=job_id):
            return {"name": name, "scheduler_job_id": job_id}
        case Unsubmitted(scheduler=name, reason=reason):
            return {"name": name, "unsubmitted": reason}
        case _:
            return None


def logger_columns(log_id: int, log_dir: str) -> dict[str, Any]:
    """The run's id and directories.

    >>> logger_columns(7, "/logs/7")["metrics_dir"]
    '/logs/7/metrics'
    """
    return {
        "log_id": log_id,
        "log_dir": log_dir,
        "metrics_dir": f"{log_dir}/{layout.METRICS}",
        "metadata_dir": f"{log_dir}/{layout.METADATA}",
        "artifacts_dir": f"{log_dir}/{layout.ARTIFACTS}",
    }


def _ours(info: RunInfo) -> dict[str, Any]:
    settled = info.settled
    present = {
        "start": info.start and info.start.time,
        "end": info.end and info.end.time,
        "attempt": info.attempt,
        "error": info.error and {"type": info.error.type, "message": info.error.message},
        "signal": info.signal,
        "origin": info.origin,
        "settled": settled and settled.at.time,
        **(_described(info) if info.descriptions else {}),
    }
    return {key: value for key, value in present.items() if value is not None}


def _described(info: RunInfo) -> dict[str, Any]:
    return {"name": info.name, "tags": list(info.tags) or None, "notes": info.notes}


_SHOWN = ("command", "seed", "user", "python", "os", "cpus", "gpu", "git", "variables", "packages", "hardware")
"""What of an attempt's environment is shown, whatever else a file says it was."""


def _depended_on(environment: Mapping[str, Any]) -> dict[str, Any]:
    return {name: fact for name in _SHOWN if (fact := environment.get(name)) is not None and fact != {}}


def input_columns(info: RunInfo) -> list[dict[str, Any]]:
    """The data that the run read, one mapping for each path; it may be much, and `info.yaml` does without it."""
    return [_input(logged) for logged in info.inputs]


def _input(logged: InputLogged) -> dict[str, Any]:
    facts = {name: getattr(logged, name) for name in ("path", "resolved", "size", "sha256", "files")}
    return {name: fact for name, fact in facts.items() if fact is not None}


def _date_and_time(moment: Moment | None) -> tuple[str, str]:
    date, _, time = moment.local.partition(" ") if moment else ("", "", "")
    return date, time
