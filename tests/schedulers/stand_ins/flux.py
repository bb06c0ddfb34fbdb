"""A stand-in for the command `flux` of flux-core, after its manuals: batch, jobs, cancel, job urgency, job kill."""

import argparse
import os
import re
import shlex
import sys
from pathlib import Path

import spool

DIRECTIVE = re.compile(r"^#\s*(?:flux|FLUX):\s*(?P<options>.*)$")
STATUSES = {"cancelled": "CANCELED", "overtime": "TIMEOUT"}


class Parser(argparse.ArgumentParser):
    def error(self, message):
        print(f"flux-batch: ERROR: {message}", file=sys.stderr)
        sys.exit(1)


def parser():
    options = Parser(prog="flux batch", add_help=False, allow_abbrev=False)
    for flags in (
        ("-N", "--nodes"), ("-n", "--nslots"), ("-c", "--cores-per-slot"), ("-g", "--gpus-per-slot"),
        ("-t", "--time-limit"), ("-q", "--queue"), ("-B", "--bank"), ("--urgency",), ("--job-name",), ("--output",),
        ("--error",), ("--signal",), ("--cwd",),
    ):  # fmt: skip
        options.add_argument(*flags)
    options.add_argument("--dependency", action="append", default=[])
    options.add_argument("--flags", action="append", default=[])
    options.add_argument("--setattr", action="append", default=[])
    return options


def fail(command, message):
    print(f"flux-{command}: ERROR: {message}", file=sys.stderr)
    sys.exit(1)


def f58(number):
    return f"ƒ{number}"


def number_of(identity):
    return identity.removeprefix("ƒ").removeprefix("f")


def batch(words):
    asked, operands = parser().parse_known_args(words)
    if len(operands) != 1 or operands[0].startswith("-"):
        fail("batch", f"unrecognized arguments: {' '.join(operands)}")
    try:
        script = Path(operands[0]).read_text()
    except OSError as error:
        fail("batch", f"failed to read {operands[0]}: {error.strerror}")
    if not script.startswith("#!"):
        fail("batch", f"{operands[0]} does not appear to start with '#!'")
    embedded = []
    for line in script.splitlines():
        if found := DIRECTIVE.match(line):
            embedded += shlex.split(found["options"], comments=True)
    asked = parser().parse_args([*embedded, *words[: -len(operands)]])
    if not asked.nslots and not asked.nodes:
        fail("batch", "Number of slots to allocate must be specified")
    name = asked.job_name or Path(operands[0]).name
    with spool.jobs() as table:
        number = spool.add(
            table, script, name=name, held=asked.urgency in ("hold", "0"), after=depending(table, asked.dependency),
            home=os.getcwd(), environment=dict(os.environ), variables={"FLUX_URI": "local:///stand-in"},
            directory=asked.cwd or os.getcwd(), stdout=file(asked.output or "flux-{{id}}.out", name),
            stderr=file(asked.error, name) if asked.error else None, timed=limits(asked),
        )  # fmt: skip
    print(f58(number))


def depending(table, uris):
    after = []
    for uri in uris:
        condition, _, given = uri.partition(":")
        if condition not in ("afterok", "afterany", "afternotok") or not spool.chosen(table, number_of(given)):
            fail("batch", f"[Errno 22] dependency: {uri}: job not found")
        after.append([condition, number_of(given)])
    return after


def file(pattern, name):
    return os.path.join(os.getcwd(), pattern.replace("{{name}}", name))


def seconds(text):
    found = re.fullmatch(r"(\d+(?:\.\d+)?)(ms|[smhd]?)", text or "")
    if not found:
        fail("batch", f"invalid Flux standard duration: '{text}'")
    return float(found[1]) * {"ms": 0.001, "": 60, "s": 1, "m": 60, "h": 3600, "d": 86400}[found[2]]


def limits(asked):
    if not asked.time_limit:
        return []
    end = seconds(asked.time_limit)
    signal, _, before = (asked.signal or "").partition("@")
    warning = [[end - seconds(before or "60s"), signal.removeprefix("SIG"), None]] if signal else []
    return [*warning, [end, "TERM", "overtime"], [end + spool.GRACE, "KILL", "overtime"]]


def jobs(words):
    options = Parser(prog="flux jobs", add_help=False)
    options.add_argument("-a", action="store_true")
    options.add_argument("-n", "--no-header", action="store_true")
    options.add_argument("-o", "--format", default="{id.f58} {name} {status}")
    asked = options.parse_args(words)
    table = spool.seen()
    for job in reversed([job for job in table.values() if asked.a or job["state"] != "ended"]):
        waits = job["state"] == "waiting" and spool.unmet(table, job)
        status = (
            STATUSES.get(job["why"]) or ("COMPLETED" if job["exit"] == 0 else "FAILED") if job["state"] == "ended"
            else "RUN" if job["state"] == "running" else "DEPEND" if waits else "SCHED"
        )  # fmt: skip
        facts = {
            "id.f58": f58(job["number"]), "name": job["name"], "status": status, "cwd": job["home"],
            "urgency": "0" if job["held"] else "16",
        }  # fmt: skip
        print(re.sub(r"\{([\w.]+)\}", lambda found, facts=facts: facts[found[1]], asked.format))


def acting(command, ids, act):
    with spool.jobs() as table:
        for each in ids:
            live = [job for job in spool.chosen(table, number_of(each)) if job["state"] != "ended"]
            if not live:
                ended = spool.chosen(table, number_of(each))
                fail(command, f"{each}: {'job is inactive' if ended else 'unknown job'}")
            for job in live:
                act(job)


def main():
    match sys.argv[1:]:
        case ["batch", *words]:
            batch(words)
        case ["jobs", *words]:
            jobs(words)
        case ["cancel", *ids]:
            acting("cancel", ids, lambda job: spool.end(job, "TERM", "KILL"))
        case ["job", "kill", "-s", name, *ids]:
            acting("job", ids, lambda job: spool.send(job, name.removeprefix("SIG")))
        case ["job", "urgency", identity, urgency]:
            acting("job", [identity], lambda job: job.update(held=urgency in ("hold", "0")))
        case words:
            fail("cmd", f"no such command: {' '.join(words)}")


if __name__ == "__main__":
    main()
