"""Stand-ins for the commands of LSF 10.1, after its manuals. Called as `lsf.py bsub …`."""

import getpass
import os
import re
import shlex
import signal
import sys

import spool

VALUED = {
    "-J", "-Jd", "-o", "-oo", "-e", "-eo", "-q", "-n", "-R", "-W", "-We", "-w", "-M", "-P", "-m", "-G", "-env",
    "-cwd", "-wa", "-wt", "-u", "-b", "-t", "-c", "-i", "-app", "-g", "-gpu", "-sla", "-sp", "-L", "-E", "-Ep",
    "-U", "-C", "-D", "-F", "-S", "-v", "-p", "-T", "-Q", "-a", "-f", "-k", "-eptl", "-outdir", "-rnc",
}  # fmt: skip
BARE = {"-H", "-r", "-rn", "-N", "-B", "-x", "-K", "-I", "-Ip", "-Is", "-ar", "-XF"}
FIELDS = {
    "jobid", "jobindex", "stat", "user", "queue", "job_name", "job_description", "exit_code", "exit_reason",
    "pend_reason", "sub_cwd", "command", "output_file",
}  # fmt: skip
QUEUE = "normal"
MINUTE = float(os.environ.get("STAND_IN_MINUTE", "60"))
"""Seconds in a minute of its time limits; tests have shorter ones."""


def fail(message, status=255):
    print(message, file=sys.stderr)
    sys.exit(status)


def parsed(words):
    """Options, and the command behind them."""
    words, options = list(words), {}
    while words and words[0].startswith("-"):
        flag = words.pop(0)
        if flag in BARE:
            options[flag] = ""
        elif flag not in VALUED:
            fail(f"{flag}: Illegal option. Job not submitted.")
        elif not words:
            fail(f"Option {flag} requires an argument. Job not submitted.")
        else:
            options[flag] = words.pop(0)
    return options, words


def bsub(words):
    options, command = parsed(words)
    script = shlex.join(command) if command else sys.stdin.read()
    if not command:
        for line in script.splitlines():
            if line.startswith("#BSUB"):
                embedded, _ = parsed(shlex.split(line[5:], comments=True))
                options = {**embedded, **options}
    name, tasks, limit = job_name(options.get("-J", script.splitlines()[0] if command else "STDIN"))
    queue = options.get("-q", QUEUE)
    if queue != QUEUE:
        fail(f"{queue}: No such queue. Job not submitted.")
    if not re.fullmatch(r"\d+(?:,\d+)?", options.get("-n", "1")):
        fail(f"{options['-n']}: Illegal number of processors. Job not submitted.")
    timed = limits(options)
    with spool.jobs() as table:
        number = 1 + max((job["number"] for job in table.values()), default=0)
        indexed = tasks != (None,)
        out = next((options[flag] for flag in ("-oo", "-o") if flag in options), None)
        err = next((options[flag] for flag in ("-eo", "-e") if flag in options), None)
        submitted = {
            "LSB_JOBID": str(number),
            "LSB_JOBINDEX": "{task}" if indexed else "0",
            "LSB_JOBNAME": f"{name}[{{task}}]" if indexed else name,
            "LSB_QUEUE": queue,
            "LS_SUBCWD": os.getcwd(),
            "LSB_SUB_USER": getpass.getuser(),
        }
        spool.add(
            table, script, tasks=tasks, limit=limit, after=depending(table, options.get("-w")),
            held="-H" in options, name=name,
            description=options.get("-Jd", ""), home=os.getcwd(), variables=submitted,
            environment=dict(os.environ) if options.get("-env", "all") == "all" else {"PATH": "/bin:/usr/bin"},
            directory=options.get("-cwd", os.getcwd()), rerunnable="-r" in options, again={"LSB_RESTART": "Y"},
            stdout=file(out, number), stderr=file(err, number),
            mode="w" if "-oo" in options else "a", report=report(number, name), timed=timed,
        )  # fmt: skip
    print(f"Job <{number}> is submitted to {'' if '-q' in options else 'default '}queue <{queue}>.")


def job_name(text):
    """The name of `name[1-10]%2`, its tasks, and how many may run at a time."""
    found = re.fullmatch(r"(?P<name>[^[\]/*]*)(?:\[(?P<tasks>[\d,:-]+)\](?:%(?P<limit>\d+))?)?", text)
    if not found:
        fail(f"{text}: Bad job name. Job not submitted.")
    if not found["tasks"]:
        return found["name"], (None,), None
    tasks = []
    for part in found["tasks"].split(","):
        bounds, _, step = part.partition(":")
        first, _, last = bounds.partition("-")
        tasks += range(int(first), int(last or first) + 1, int(step or 1))
    if min(tasks) < 1:
        fail(f"{text}: Bad job array index list. Job not submitted.")
    return found["name"], tuple(tasks), int(found["limit"]) if found["limit"] else None


def depending(table, text):
    if not text:
        return []
    after = []
    for part in text.split("&&"):
        found = re.fullmatch(r"\s*(done|ended|exit)\((\d+(?:\[\d+\])?)\)\s*", part)
        if not found:
            fail(f"{text}: Bad dependency condition. Job not submitted.")
        if not spool.chosen(table, found[2]):
            fail(f"{text}: No matching job found. Job not submitted.")
        after.append([{"done": "afterok", "ended": "afterany", "exit": "afternotok"}[found[1]], found[2]])
    return after


def limits(options):
    """The warning that -wa and -wt ask for, and the end that -W sets."""
    seconds = {}
    for flag in ("-W", "-wt"):
        found = re.fullmatch(r"(?:(\d+):)?(\d+)(?:/\S+)?", options.get(flag, "0"))
        if not found:
            fail(f"{options[flag]}: Bad {'run limit' if flag == '-W' else 'warning time'}. Job not submitted.")
        seconds[flag] = (int(found[1] or 0) * 60 + int(found[2])) * MINUTE
    end = seconds["-W"]
    ending = [[end + place * spool.GRACE, name, "limit"] for place, name in enumerate(("INT", "TERM", "KILL"))]
    warning = [[max(0, end - seconds["-wt"]), options["-wa"], None]] if "-wa" in options else []
    return [*warning, *ending] if end else []


def file(pattern, number):
    if pattern is None:
        return None
    return os.path.join(os.getcwd(), pattern.replace("%J", str(number)).replace("%I", "{task}"))


def report(number, name):
    return f"Sender: LSF System <lsfadmin@server>\nSubject: Job {number}: <{name}> in cluster <stand-in>\n\n"


def stat(job):
    if job["state"] == "ended":
        return "DONE" if job["exit"] == 0 else "EXIT"
    return ("PSUSP" if job["held"] else "PEND") if job["state"] == "waiting" else "RUN"


def told(table, job):
    waits = job["state"] == "waiting" and spool.unmet(table, job)
    pending = (
        "Job dependency condition not satisfied;" if waits
        else "The job has been requeued;" if job["why"] == "requeued" or job["runs"]
        else "Job was suspended by the user while pending;" if job["held"]
        else "New job is waiting for scheduling;"
    )  # fmt: skip
    reasons = {
        "cancelled": "TERM_OWNER: job killed by owner",
        "limit": "TERM_RUNLIMIT: job killed after reaching LSF run time limit",
    }
    code = job["exit"] or 0
    return {
        "jobid": job["number"],
        "jobindex": job["task"] or 0,
        "stat": stat(job),
        "user": getpass.getuser(),
        "queue": QUEUE,
        "job_name": job["name"] if job["task"] is None else f"{job['name']}[{job['task']}]",
        "job_description": job["description"],
        "exit_code": (128 - code if code < 0 else code) or "",
        "exit_reason": reasons.get(job["why"], "") if stat(job) == "EXIT" else "",
        "pend_reason": pending if job["state"] == "waiting" else "",
        "sub_cwd": job["home"],
        "command": "#!/bin/bash",
        "output_file": job["stdout"],
    }


def bjobs(words):
    flags, format, ids = set(), None, []
    words = list(words)
    while words:
        word = words.pop(0)
        if word in ("-o", "-u", "-q", "-J", "-m"):
            value = words.pop(0)
            format = value if word == "-o" else format
        elif word in ("-a", "-w", "-noheader", "-r", "-p", "-d", "-s", "-l", "-A"):
            flags.add(word)
        elif word.startswith("-"):
            fail(f"{word}: Illegal option")
        else:
            ids.append(word)
    table = spool.seen()
    wanted = [job for each in ids for job in spool.chosen(table, each)] if ids else list(table.values())
    wanted = [job for job in wanted if ids or "-a" in flags or job["state"] != "ended"]
    if not wanted:
        none = "No job found" if "-a" in flags else "No unfinished job found"
        fail(f"Job <{ids[0]}> is not found" if ids else none)
    fields, delimiter = (format or "jobid user stat queue job_name").split(), " "
    if fields[-1].startswith("delimiter="):
        delimiter = fields.pop().partition("=")[2].strip("'\"")
    if not set(fields) <= FIELDS:
        fail(f"{next(each for each in fields if each not in FIELDS)}: Bad output format")
    if "-noheader" not in flags:
        print(delimiter.join(fields).upper())
    for job in wanted:
        facts = told(table, job)
        print(delimiter.join(str(facts[each]) if facts[each] != "" else "-" for each in fields))


def acting(words, act, said):
    """Do something to each job that is named."""
    words, options, status = list(words), {}, 0
    while words and words[0].startswith("-"):
        flag = words.pop(0)
        options[flag] = words.pop(0) if flag in ("-s", "-J", "-u", "-q") else ""
    with spool.jobs() as table:
        for each in words:
            found = spool.chosen(table, each)
            live = [job for job in found if job["state"] != "ended"]
            if not live:
                status = 255
                wrong = "Job has already finished" if found else "No matching job found"
                print(f"Job <{each}>: {wrong}", file=sys.stderr)
            for job in live:
                act(job, options)
            if live:
                print(f"Job <{each}> is being {said}")
    sys.exit(status)


def kill(job, options):
    given = options.get("-s")
    if given is None:
        spool.end(job, "INT", "TERM", "KILL")
    else:
        spool.send(job, signal.Signals(int(given)).name[3:] if given.isdigit() else given.removeprefix("SIG"))


def main():
    command, words = sys.argv[1], sys.argv[2:]
    match command:
        case "bsub":
            bsub(words)
        case "bjobs":
            bjobs(words)
        case "bkill":
            acting(words, kill, "signaled" if "-s" in words else "terminated")
        case "bstop":
            acting(words, lambda job, options: job.update(held=True), "stopped")
        case "bresume":
            acting(words, lambda job, options: job.update(held=False), "resumed")
        case "brequeue":
            acting(words, lambda job, options: spool.end(job, "TERM", "KILL", why="requeued"), "requeued")


if __name__ == "__main__":
    main()
