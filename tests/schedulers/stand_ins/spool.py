"""What the stand-ins for schedulers share: jobs that wait, run as processes of their own, are signalled, and end.

The state lies in the directory that STAND_IN_STATE names. There is no server: whichever command changes something
looks which jobs may begin, and each job has one process beside it that starts it, sends its signals and sees its
end.
"""

import fcntl
import json
import os
import shutil
import signal
import subprocess
import sys
import time
from contextlib import contextmanager
from pathlib import Path

STATE = Path(os.environ["STAND_IN_STATE"])
GRACE = float(os.environ.get("STAND_IN_GRACE", "2"))
"""Seconds between the first and the next signal of a cancellation; real ones wait 2 to 10."""

SLOTS = 4
"""How many jobs run at a time."""


@contextmanager
def jobs():
    """All jobs, by id, for one command alone; what it changes is kept, and what may begin then begins."""
    STATE.mkdir(parents=True, exist_ok=True)
    with open(STATE / "lock", "w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        table = seen()
        yield table
        _begin(table)
        (STATE / "jobs.new").write_text(json.dumps(table))
        os.replace(STATE / "jobs.new", STATE / "jobs.json")


def seen():
    """All jobs as they were last."""
    try:
        return json.loads((STATE / "jobs.json").read_text())
    except FileNotFoundError:
        return {}


def add(table, script, *, tasks=(None,), **facts):
    """A new job, or one for each task of an array, and its number.

    `facts` are its `shell`, `environment`, `variables` (`{task}` in them is replaced), `directory` to start in,
    `stdout` and `stderr` with the `mode` to open them in, `after` (pairs of a condition and an id), `timed`
    signals.
    """
    number = 1 + max((job["number"] for job in table.values()), default=0)
    (STATE / f"{number}.sh").write_text(script)
    for task in tasks:
        job = {
            "number": number, "task": task, "state": "waiting", "held": False, "after": [], "limit": None,
            "runs": 0, "signals": [], "timed": [], "exit": None, "why": None, "rerunnable": True, "mode": "w",
            "gives_up": False, "shell": "/bin/bash", **facts,
        }  # fmt: skip
        for name in ("stdout", "stderr"):
            job[name] = job[name] and job[name].replace("{task}", str(task))
        job["variables"] = {name: value.replace("{task}", str(task)) for name, value in job["variables"].items()}
        table[identity(number, task)] = job
    return number


def identity(number, task):
    return str(number) if task is None else f"{number}[{task}]"


def chosen(table, given):
    """The jobs of `12`, `12[3]` or, all tasks of an array, `12[]`; none where there is no such job."""
    whole = given.removesuffix("[]")
    return [job for name, job in table.items() if whole in (name, str(job["number"]))]


def end(job, *names, why="cancelled"):
    """End a job: one that runs by these signals, one after the other, and one that waits at once."""
    if job["state"] == "waiting":
        job.update(state="ended", why=why)
    elif job["state"] == "running":
        job["signals"] += [[time.time() + place * GRACE, name, why] for place, name in enumerate(names)]


def send(job, name):
    job["signals"].append([time.time(), name, None])


def unmet(table, job):
    """What a job still waits for, and whether in vain."""
    for condition, given in job["after"]:
        others = chosen(table, given)
        if any(other["state"] != "ended" for other in others):
            return f"{condition}:{given}", False
        failed = any(other["exit"] != 0 for other in others)
        if (condition == "afterok" and failed) or (condition == "afternotok" and not failed):
            return f"{condition}:{given}", True
    return None


def _begin(table):
    for name, job in table.items():
        waits = job["state"] == "waiting" and unmet(table, job)
        if waits and waits[1] and job["gives_up"]:
            end(job)
        running = [other for other in table.values() if other["state"] == "running"]
        of_array = [other for other in running if other["number"] == job["number"]]
        full = len(running) >= SLOTS or (job["limit"] and len(of_array) >= job["limit"])
        if job["state"] == "waiting" and not job["held"] and not full and not waits:
            job.update(state="running", runs=job["runs"] + 1, signals=[], why=None)
            subprocess.Popen(
                [sys.executable, "-IS", __file__, name],
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                start_new_session=True,
            )


def _run(name):
    with jobs() as table:
        job = table[name]
    spooled = [STATE / f"{name}.{kind}" for kind in ("out", "err")]
    environment = {**job["environment"], **job["variables"]}
    if job["runs"] > 1:
        environment.update(job.get("again", {}))
    with open(spooled[0], "wb") as out, open(spooled[1], "wb") as err:
        process = subprocess.Popen(
            [job["shell"], str(STATE / f"{job['number']}.sh")],
            cwd=job["directory"],
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=out,
            stderr=err if job["stderr"] else out,
            start_new_session=True,
        )
    (STATE / f"{name}.pid").write_text(str(process.pid))
    why = _watched(process, name, job["timed"])
    for file, path in zip(spooled, (job["stdout"], job["stderr"]), strict=True):
        if path:
            with open(file, "rb") as content, open(path, job["mode"] + "b") as target:
                target.write(job.get("report", "").encode())
                shutil.copyfileobj(content, target)
    with jobs() as table:
        job = table[name]
        if why == "requeued":
            job.update(state="waiting")
        else:
            job.update(state="ended", exit=process.returncode, why=why)


def _watched(process, name, timed):
    """Wait for the end of a job and send what it is to be sent meanwhile; why it ended, where that is known."""
    begun, sent, why = time.time(), set(), None
    while True:
        try:
            process.wait(timeout=0.05)
            return why
        except subprocess.TimeoutExpired:
            pass
        planned = [(begun + seconds, signal_name, reason) for seconds, signal_name, reason in timed]
        for place, (due, signal_name, reason) in enumerate([*planned, *map(tuple, seen()[name]["signals"])]):
            if place not in sent and due <= time.time():
                sent.add(place)
                why = reason or why
                try:
                    os.killpg(process.pid, signal.Signals[f"SIG{signal_name}"])
                except ProcessLookupError:
                    continue


if __name__ == "__main__":
    _run(sys.argv[1])
