"""Stand-ins for the commands of TORQUE 6.1 and of OpenPBS 20, after their manuals.

Called as `pbs.py torque qsub …`. They parse options and directives, refuse what the real ones refuse with the same
words and status, and print what the real ones print.
"""

import getopt
import getpass
import os
import re
import shlex
import sys
from pathlib import Path

import spool

SERVER = "server"
TIME = r"(?:\d+:){0,2}\d+(?:\.\d+)?"
RESOURCES = frozenset((
    "walltime", "cput", "pcput", "mem", "pmem", "vmem", "pvmem", "ncpus", "nodes", "file", "nice", "arch", "host",
    "software",
))  # fmt: skip


class Torque:
    name = "torque"
    version = "Version: 6.1.2\nCommit: 661e092552de43a785c15d39a3634a541d86898e"
    options = "a:A:b:c:C:d:D:e:fF:hIj:k:K:l:L:m:M:nN:o:p:P:q:r:S:t:T:u:v:Vw:W:xXz"
    usage = "usage: qsub [-a date_time] [-A account_string] [-b secs] ... [script]"
    array_option, array_pattern = "-t", r"\d+(?:-\d+)?(?:,\d+(?:-\d+)?)*(?:%\d+)?"
    resources = RESOURCES | {"procs", "naccesspolicy", "feature", "qos", "gres", "other", "opsys"}
    attributes = frozenset(("depend", "block", "group_list", "stagein", "stageout", "umask", "interactive", "x"))
    queue = "batch"
    task_file, array_variable = "-{task}", "PBS_ARRAYID"
    listing = "flt1xacneiru:"
    exit_name, arguments_name, overtime = "exit_status", "submit_args", -11
    unknown_resource = "qsub: submit error (Unknown resource type  Resource_List.{})"
    bad_resource = "qsub: submit error (Illegal attribute or resource value for Resource_List.{})"
    unknown_queue = "qsub: submit error (Unknown queue MSG=cannot locate queue)"
    unknown_job = "{command}: Unknown Job Id {id}"
    has_ended = "{command}: Request invalid for state of job MSG=invalid state for job - COMPLETE {id}", 170
    ended = "C"

    @staticmethod
    def is_name(name):
        return name[:1].isalpha() and all(char.isprintable() and not char.isspace() for char in name)

    @staticmethod
    def arguments(words):
        return " ".join(words)


class OpenPBS(Torque):
    name = "openpbs"
    version = "pbs_version = 20.0.1"
    options = "a:A:c:C:e:fGhIj:J:k:l:m:M:N:o:p:P:q:r:R:S:u:v:VW:Xz"
    usage = "usage: qsub [-a date_time] [-A account_string] [-c interval] ... [script]"
    array_option, array_pattern = "-J", r"\d+-\d+(?::\d+)?(?:%\d+)?"
    resources = RESOURCES | {"select", "place", "max_walltime", "min_walltime", "ompthreads", "mpiprocs", "ngpus"}
    attributes = (Torque.attributes - {"interactive", "x"}) | {"sandbox", "max_run_subjobs"}
    queue = "workq"
    task_file, array_variable = ".{task}", "PBS_ARRAY_INDEX"
    listing = "fF:D:wJptxEaniru:sGMHT1"
    exit_name, arguments_name, overtime = "Exit_status", "Submit_arguments", -29
    unknown_resource = "qsub: Unknown resource Resource_List.{}"
    bad_resource = "qsub: Illegal attribute or resource value Resource_List.{}"
    unknown_queue = "qsub: Unknown queue"
    has_ended = "{command}: Job has finished {id}", 35
    ended = "F"

    @staticmethod
    def is_name(name):
        return len(name) <= 236 and bool(re.fullmatch(r"[A-Za-z][A-Za-z0-9_+.-]*", name))

    @staticmethod
    def arguments(words):
        return "".join(f"<jsdl-hpcpa:Argument>{word}</jsdl-hpcpa:Argument>" for word in words)


def fail(message, status):
    print(message, file=sys.stderr)
    sys.exit(status)


def parsed(pbs, words, what):
    try:
        return getopt.getopt(words, pbs.options)
    except getopt.GetoptError as error:
        fail(f"qsub: {what}{error.msg}\n{pbs.usage}", 2)


def directives(pbs, script):
    """What the lines above the first command ask for."""
    for line in script.splitlines():
        if line.strip() and not line.lstrip().startswith("#"):
            return
        if line.startswith("#PBS"):
            text = line[4:].strip()
            options, rest = parsed(pbs, shlex.split(text, comments=True), f"directive error: {text}: ")
            if rest:
                fail(f"qsub: directive error: {text}\n{pbs.usage}", 2)
            yield from options


def qsub(pbs, words):
    if words == ["--version"]:
        print(pbs.version, file=sys.stderr if pbs is Torque else sys.stdout)
        return
    given, operands = parsed(pbs, words, "")
    if len(operands) > 1:
        fail(pbs.usage, 2)
    try:
        script = Path(operands[0]).read_text() if operands else sys.stdin.read()
    except OSError as error:
        fail(f"qsub: script file '{operands[0]}' cannot be loaded - {error.strerror}", 1)
    submit(pbs, [*directives(pbs, script), *given], script, operands[0] if operands else "STDIN", words)


def submit(pbs, options, script, source, words):
    asked = dict(options)
    lists = {flag: ",".join(value for each, value in options if each == flag) for flag in ("-l", "-W", "-v")}
    name = asked.get("-N", Path(source).name)
    if "-N" in asked and not pbs.is_name(name):
        fail(f"qsub: illegal -N value\n{pbs.usage}", 2)
    for flag, allowed in (("-j", "oe|eo|n"), ("-r", "y|n"), (pbs.array_option, pbs.array_pattern)):
        if flag in asked and not re.fullmatch(allowed, asked[flag]):
            fail(f"qsub: illegal {flag} value\n{pbs.usage}", 2)
    resources = resources_of(pbs, lists["-l"])
    attributes = attributes_of(pbs, lists["-W"])
    if asked.get("-q", pbs.queue) != pbs.queue:
        fail(pbs.unknown_queue, 172)
    tasks, limit = array_of(asked.get(pbs.array_option))
    limit = limit or int(attributes.get("max_run_subjobs", 0)) or None
    with spool.jobs() as table:
        after = depending(table, attributes.get("depend"))
        number = 1 + max((job["number"] for job in table.values()), default=0)
        file = pbs.task_file if tasks != (None,) else ""
        spool.add(
            table, script, tasks=tasks, limit=limit, after=after, held="-h" in asked, name=name, source=source,
            arguments=words, home=os.getcwd(), environment=environment(asked, lists["-v"]),
            variables=variables(pbs, number, name, tasks != (None,)), directory=asked.get("-d", os.environ["HOME"]),
            stdout=output(asked.get("-o"), f"{name}.o{number}") + file,
            stderr=None if asked.get("-j") == "oe" else output(asked.get("-e"), f"{name}.e{number}") + file,
            shell=asked.get("-S", "/bin/bash"), rerunnable=asked.get("-r", "y") == "y", gives_up=True,
            timed=limits(resources.get("walltime")),
        )  # fmt: skip
    print(f"{number}{'[]' if tasks != (None,) else ''}.{SERVER}")


def resources_of(pbs, text):
    resources = dict(part.partition("=")[::2] for part in text.split(",") if part)
    for name, value in resources.items():
        if name not in pbs.resources:
            fail(pbs.unknown_resource.format(name), 187)
        if not value or ("walltime" in name and not re.fullmatch(TIME, value)):
            fail(pbs.bad_resource.format(name), 166)
    return resources


def attributes_of(pbs, text):
    attributes = dict(part.partition("=")[::2] for part in text.split(",") if part)
    if not set(attributes) <= pbs.attributes or "" in attributes.values():
        fail(f"qsub: illegal -W value\n{pbs.usage}", 2)
    return attributes


def depending(table, text):
    if not text:
        return []
    condition, *ids = text.split(":")
    ids = [each.partition(".")[0] for each in ids]
    if condition not in ("afterok", "afterany", "afternotok") or not ids:
        fail("qsub: illegal -W value", 2)
    if not all(spool.chosen(table, each) for each in ids):
        fail("qsub: submit error (Unknown Job Id Error)", 153)
    return [[condition, each] for each in ids]


def array_of(text):
    """The tasks of `0-9%2`, and how many may run at a time."""
    if text is None:
        return (None,), None
    ranges, _, limit = text.partition("%")
    tasks = []
    for part in ranges.split(","):
        bounds, _, step = part.partition(":")
        first, _, last = bounds.partition("-")
        tasks += range(int(first), int(last or first) + 1, int(step or 1))
    return tuple(tasks), int(limit) if limit else None


def environment(asked, listed):
    """What a job has of the submitter's: everything with -V, else little, and what -v names."""
    own = os.environ if "-V" in asked else {}
    named = dict(part.partition("=")[::2] for part in listed.split(",") if part)
    return {
        "PATH": "/bin:/usr/bin",
        **own,
        **{name: value or os.environ.get(name, "") for name, value in named.items()},
        **{name: os.environ.get(name, "") for name in ("HOME", "SHELL")},
        "USER": getpass.getuser(),
        "LOGNAME": getpass.getuser(),
    }


def variables(pbs, number, name, is_array):
    submitters = ("HOME", "LANG", "LOGNAME", "PATH", "MAIL", "SHELL", "TZ")
    return {
        **{f"PBS_O_{each}": os.environ[each] for each in submitters if each in os.environ},
        "PBS_ENVIRONMENT": "PBS_BATCH",
        "PBS_JOBID": f"{number}{'[{task}]' if is_array else ''}.{SERVER}",
        "PBS_JOBNAME": f"{name}-{{task}}" if is_array and pbs is Torque else name,
        "PBS_O_WORKDIR": os.getcwd(),
        "PBS_QUEUE": pbs.queue,
        "PBS_O_QUEUE": pbs.queue,
        **({"PBS_VERSION": "TORQUE-6.1.2"} if pbs is Torque else {}),
        **({pbs.array_variable: "{task}"} if is_array else {}),
        **({"PBS_ARRAY_ID": f"{number}[].{SERVER}"} if is_array and pbs is OpenPBS else {}),
    }


def output(given, default):
    path = os.path.join(os.getcwd(), (given or default).rpartition(":")[2])
    return os.path.join(path, default) if os.path.isdir(path) else path


def limits(walltime):
    if walltime is None:
        return []
    seconds = 0.0
    for part in walltime.split(":"):
        seconds = seconds * 60 + float(part)
    return [[seconds, "TERM", "overtime"], [seconds + spool.GRACE, "KILL", "overtime"]]


def qstat(pbs, words):
    if words == ["--version"]:
        print(pbs.version, file=sys.stderr if pbs is Torque else sys.stdout)
        return
    try:
        options, ids = getopt.getopt(words, pbs.listing)
    except getopt.GetoptError as error:
        fail(f"qstat: {error.msg}\nusage: qstat [-f] ... [ job_identifier... | destination... ]", 2)
    flags = {flag for flag, _ in options}
    history = pbs is OpenPBS and "-x" in flags
    if history and (spool.STATE / "no-history").exists():
        fail("qstat: PBS is not configured to maintain job history", 1)
    table = spool.seen()
    for each in ids:
        if not spool.chosen(table, each.partition(".")[0]):
            fail(f"qstat: Unknown Job Id Error {each}", 153)
    wanted = [id for each in ids for id in spool.chosen(table, each.partition(".")[0])] or list(table.values())
    if "-t" not in flags:
        wanted = list({job["number"]: job for job in wanted}.values())
    told = [job for job in wanted if pbs is Torque or history or is_known(table, job)]
    if "-f" in flags:
        one_line = "-1" in flags or "-w" in flags
        print("\n".join(full(pbs, table, job, one_line, "-t" in flags) for job in told), end="\n" if told else "")
    elif told:
        print("Job ID                    Name             User            Time Use S Queue")
        for job in told:
            user = getpass.getuser()
            print(f"{name_of(job):25} {job['name']:16} {user:15} 0        {letter(pbs, table, job)} {pbs.queue}")


def is_known(table, job):
    """OpenPBS forgets a job when it ends, a task with the last one of its array."""
    return any(each["state"] != "ended" for each in table.values() if each["number"] == job["number"])


def name_of(job, with_task=True):
    task = job["task"] if with_task else ""
    return f"{job['number']}{'' if job['task'] is None else f'[{task}]'}.{SERVER}"


def letter(pbs, table, job):
    if job["state"] == "waiting" and (job["held"] or spool.unmet(table, job)):
        return "H"
    if pbs is OpenPBS and job["state"] == "ended" and job["task"] is not None and is_known(table, job):
        return "X"
    return {"waiting": "Q", "running": "R", "ended": pbs.ended}[job["state"]]


def full(pbs, table, job, one_line, with_task):
    waits = job["state"] == "waiting" and spool.unmet(table, job)
    attributes = {
        "Job_Name": job["name"],
        "Job_Owner": f"{getpass.getuser()}@{SERVER}",
        "job_state": letter(pbs, table, job),
        "queue": pbs.queue,
        "server": SERVER,
        **({"depend": f"{waits[0]}.{SERVER}@{SERVER}"} if waits else {}),
        "Error_Path": f"{SERVER}:{job['stderr'] or job['stdout']}",
        "Hold_Types": "u" if job["held"] else "s" if waits else "n",
        "Join_Path": "n" if job["stderr"] else "oe",
        "Output_Path": f"{SERVER}:{job['stdout']}",
        "Rerunable": str(job["rerunnable"]),
        "Variable_List": ",".join(f"{name}={value}" for name, value in job["variables"].items()),
        "comment": "Job run" if job["runs"] else "Not Running",
        **({pbs.exit_name: code(pbs, job)} if job["state"] == "ended" and job["runs"] else {}),
        pbs.arguments_name: pbs.arguments(job["arguments"]),
    }
    lines = [f"    {name} = {value}" for name, value in attributes.items()]
    return "\n".join([f"Job Id: {name_of(job, with_task)}", *(lines if one_line else wrapped(lines)), ""])


def wrapped(lines):
    for line in lines:
        yield line[:79]
        yield from ("\t" + line[at : at + 71] for at in range(79, len(line), 71))


def code(pbs, job):
    if job["why"] == "overtime":
        return pbs.overtime
    return 256 - job["exit"] if job["exit"] < 0 else job["exit"]


def acting(pbs, command, words, act, option=None):
    """Do something to each job that is named; the last failure is the status."""
    try:
        options, ids = getopt.getopt(words, f"{option}:" if option else "")
    except getopt.GetoptError as error:
        fail(f"{command}: {error.msg}\nusage: {command} job_identifier...", 2)
    status = 0
    with spool.jobs() as table:
        for each in ids:
            found = spool.chosen(table, each.partition(".")[0])
            live = [job for job in found if job["state"] != "ended"]
            if not found:
                message, status = pbs.unknown_job, 153
            elif not live:
                message, status = pbs.has_ended
            if not live:
                print(message.format(command=command, id=each), file=sys.stderr)
            for job in live:
                act(job, dict(options))
    sys.exit(status)


def rerun(job, options):
    if job["state"] == "running" and job["rerunnable"]:
        spool.end(job, "KILL", why="requeued")
    else:
        fail("qrerun: Request invalid for state of job", 170)


def signal(job, options):
    spool.send(job, options["-s"].removeprefix("SIG"))


def main():
    pbs = {"torque": Torque, "openpbs": OpenPBS}[sys.argv[1]]
    command, words = sys.argv[2], sys.argv[3:]
    match command:
        case "qsub":
            qsub(pbs, words)
        case "qstat":
            qstat(pbs, words)
        case "qdel":
            acting(pbs, command, words, lambda job, options: spool.end(job, "TERM", "KILL"), "W")
        case "qhold":
            acting(pbs, command, words, lambda job, options: job.update(held=True), "h")
        case "qrls":
            acting(pbs, command, words, lambda job, options: job.update(held=False), "h")
        case "qrerun":
            acting(pbs, command, words, rerun)
        case "qsig":
            acting(pbs, command, words, signal, "s")


if __name__ == "__main__":
    main()
