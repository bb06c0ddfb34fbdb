"""Stand-ins for the commands of Moab 9.1 over TORQUE, after its manuals. Called as `moab.py msub …`."""

import getopt
import getpass
import os
import re
import shlex
import sys
from pathlib import Path
from xml.sax.saxutils import quoteattr

import pbs
import spool

OPTIONS = "a:A:c:C:d:e:EhIj:k:K:l:m:M:N:o:p:q:r:S:t:u:v:Vw:W:xXz"
RESOURCES = pbs.Torque.resources | {"signal", "depend", "tpn", "flags", "trl", "nodeset", "reservation", "advres"}
ARRAY = re.compile(r"(?P<name>\w[\w.-]*)?\[(?P<ranges>[\d,:-]+)\](?:%(?P<limit>\d+))?")
SIGNALS = {"1": "HUP", "2": "INT", "10": "USR1", "12": "USR2", "15": "TERM"}


def fail(message):
    print(f"ERROR:    {message}", file=sys.stderr)
    sys.exit(1)


def parsed(words):
    try:
        return getopt.getopt(words, OPTIONS)
    except getopt.GetoptError as error:
        fail(error.msg)


def msub(words):
    given, operands = parsed(words)
    try:
        script = Path(operands[0]).read_text() if operands else sys.stdin.read()
    except OSError as error:
        fail(f"cannot open script '{operands[0]}' ({error.strerror})")
    options = [*directives(script), *given]
    asked = dict(options)
    resources = resources_of(",".join(value for flag, value in options if flag == "-l"))
    if asked.get("-q", "batch") != "batch":
        fail(f"cannot submit job - class '{asked['-q']}' does not exist")
    if not pbs.Torque.is_name(asked.get("-N", "job")):
        fail(f"invalid job name '{asked['-N']}'")
    name, tasks, limit = asked.get("-N", Path(operands[0]).name if operands else "STDIN"), (None,), None
    if "-t" in asked:
        found = ARRAY.fullmatch(asked["-t"])
        if not found:
            fail(f"invalid array specification '{asked['-t']}'")
        tasks, limit = pbs.array_of(found["ranges"])
        name, limit = found["name"] or name, int(found["limit"]) if found["limit"] else None
    is_array = tasks != (None,)
    with spool.jobs() as table:
        number = 1 + max((job["number"] for job in table.values()), default=0)
        own = pbs.variables(pbs.Torque, number, name, False)
        file = ".{task}" if is_array else ""
        spool.add(
            table, script, tasks=tasks, limit=limit, after=depending(table, resources.get("depend")),
            held="-h" in asked, name=name, source=operands[0] if operands else "STDIN", home=os.getcwd(),
            environment=pbs.environment(asked, asked.get("-v", "")),
            variables={
                **own,
                "MOAB_JOBID": f"{number}[{{task}}]" if is_array else str(number),
                "MOAB_JOBNAME": name,
                "MOAB_USER": getpass.getuser(),
                **({"MOAB_JOBARRAYINDEX": "{task}", "MOAB_JOBARRAYRANGE": asked["-t"]} if is_array else {}),
            },
            directory=asked.get("-d", os.environ["HOME"]),
            stdout=pbs.output(asked.get("-o"), f"{name}.o{number}") + file,
            stderr=None if asked.get("-j") == "oe" else pbs.output(asked.get("-e"), f"{name}.e{number}") + file,
            shell=asked.get("-S", "/bin/bash"), rerunnable=asked.get("-r", "y") == "y", timed=limits(resources),
        )  # fmt: skip
    print(f"\n{number}")


def directives(script):
    for line in script.splitlines():
        if line.strip() and not line.lstrip().startswith("#"):
            return
        if line.startswith(("#MSUB", "#PBS")):
            yield from parsed(shlex.split(line.partition(" ")[2], comments=True))[0]


def resources_of(text):
    resources = dict(part.partition("=")[::2] for part in text.split(",") if part)
    for name, value in resources.items():
        if name not in RESOURCES or not value or (name == "walltime" and not re.fullmatch(pbs.TIME, value)):
            fail(f"cannot submit job - invalid resource request '{name}={value}'")
    return resources


def depending(table, text):
    if not text:
        return []
    condition, *ids = text.split(":")
    if condition not in ("afterok", "afterany", "afternotok") or not all(spool.chosen(table, each) for each in ids):
        fail(f"cannot submit job - invalid dependency '{text}'")
    return [[condition, each] for each in ids]


def limits(resources):
    """The end that walltime sets, and before it the signal of `signal=10@60`."""
    end = pbs.limits(resources.get("walltime"))
    if not end or "signal" not in resources:
        return end
    number, _, seconds = resources["signal"].partition("@")
    return [[end[0][0] - float(seconds or 60), SIGNALS.get(number, number), None], *end]


def described(table, job):
    """The attributes of a job, sorted as Moab has them."""
    waits = job["state"] == "waiting" and spool.unmet(table, job)
    ended = job["state"] == "ended"
    code = 256 - job["exit"] if (job["exit"] or 0) < 0 else job["exit"]
    cancelled = {"cancelled": f"CNCLD({code or 0})", "overtime": f"CNCLD({code or 0})"}
    return {
        **({"BlockReason": f"Dependency:job {waits[0].partition(':')[2]} has not ended"} if waits else {}),
        "Class": "batch",
        "CmdFile": job["source"],
        **({"CompletionCode": cancelled.get(job["why"], code)} if ended else {}),
        "GJID": job["number"],
        **({"Hold": "User"} if job["held"] and job["state"] == "waiting" else {}),
        "IWD": job["home"],
        "JobID": spool.identity(job["number"], job["task"]),
        "JobName": job["name"],
        "OFile": f"server:{job['stdout']}",
        "State": "Completed" if ended else "Running" if job["state"] == "running" else "Idle",
        "User": getpass.getuser(),
    }


def printed(table, jobs, option=None):
    attributes = (
        " ".join(f"{name}={quoteattr(str(value))}" for name, value in described(table, job).items()) for job in jobs
    )
    elements = (f"<job {each}></job>" for each in attributes)
    queue = f'<queue count="{len(jobs)}" option="{option}">' if option else ""
    print(f"<Data><Object>queue</Object>{queue}{''.join(elements)}{'</queue>' if option else ''}</Data>")


def mjobctl(words):
    if words[:2] == ["-q", "diag"]:
        table = spool.seen()
        jobs = list(table.values()) if words[2] == "ALL" else spool.chosen(table, words[2])
        live = [job for job in jobs if job["state"] != "ended"]
        printed(table, live)
        return
    flag, *rest = words
    if flag == "-N":
        acting(rest[1:], lambda job: spool.send(job, SIGNALS[rest[0].partition("=")[2]]), "job signalled")
    elif flag == "-h":
        acting(rest[-1:], lambda job: job.update(held=True), "job holds adjusted")
    elif flag == "-u":
        acting(rest[-1:], lambda job: job.update(held=False), "job holds adjusted")
    elif flag == "-R":
        acting(rest, lambda job: spool.end(job, "TERM", "KILL", why="requeued"), "job requeued")
    elif flag == "-c":
        acting(rest, lambda job: spool.end(job, "TERM", "KILL"), "job cancelled")
    else:
        fail(f"invalid flag '{flag}'")


def showq(words):
    table = spool.seen()
    completed = "-c" in words
    jobs = [job for job in table.values() if completed == (job["state"] == "ended")]
    if "--xml" in words:
        printed(table, jobs, "completed" if completed else "active")
        return
    print(f"{'completed' if completed else 'active'} jobs" + "-" * 24)
    for job in jobs:
        facts = described(table, job)
        print(f"{facts['JobID']:20} {facts['User']:12} {facts['State']}")


def checkjob(words):
    table = spool.seen()
    found = spool.chosen(table, words[-1])
    if not found:
        fail(f"invalid job specified ({words[-1]})")
    for job in found:
        facts = described(table, job)
        print(f"job {facts['JobID']}\n\nAName: {facts['JobName']}\nState: {facts['State']}")


def acting(ids, act, said):
    with spool.jobs() as table:
        for each in ids:
            live = [job for job in spool.chosen(table, each) if job["state"] != "ended"]
            if not live:
                fail(f"invalid job specified ({each})")
            for job in live:
                act(job)
    print(f"\n{said}")


def main():
    command, words = sys.argv[1], sys.argv[2:]
    match command:
        case "msub":
            msub(words)
        case "mjobctl":
            mjobctl(words)
        case "showq":
            showq(words)
        case "checkjob":
            checkjob(words)
        case "canceljob":
            acting(words, lambda job: spool.end(job, "TERM", "KILL"), "job cancelled")
        case "releasehold":
            ids = [each for each in words if each != "-a"]
            acting(ids, lambda job: job.update(held=False), "job holds adjusted")


if __name__ == "__main__":
    main()
