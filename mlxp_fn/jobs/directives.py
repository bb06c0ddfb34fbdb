"""The directives of a user's script: which go into every job, which are written by us, which cannot be served."""

from __future__ import annotations

import re
from collections.abc import Iterator

from attrs import frozen

from mlxp_fn.errors import SubmissionError
from mlxp_fn.jobs.dialects import Dialect
from mlxp_fn.jobs.dialects.choice import begins


@frozen
class Directives:
    """The lines to keep, in the scheduler's own spelling, and what is told about the others."""

    lines: tuple[str, ...]
    notes: tuple[str, ...]


def directives_of(script: str, dialect: Dialect) -> Directives:
    """The directives above the first command, where a scheduler looks for them.

    Raises `SubmissionError` for a flag that cannot be served.

    >>> from mlxp_fn.jobs.dialects import SLURM
    >>> directives_of("#!/bin/bash\\n#SLURM --time=1 -o x\\n", SLURM)
    Directives(lines=('#SBATCH --time=1',), notes=('line 2: -o x: the output goes to the run directory',))
    """
    lines, notes = [], []
    for number, text in _above_the_first_command(script):
        word = begins(text, (dialect.directive, *dialect.other_directives))
        if word is None:
            continue
        kept = []
        for flag in _flags(text[len(word) :].strip()):
            _refuse(dialect, flag, number)
            if any(re.fullmatch(rf"(?:{own})(?:[\s=].*)?", flag) for own in dialect.ours):
                notes.append(f"line {number}: {flag}: {_why_dropped(flag)}")
            else:
                kept.append(flag)
        if kept:
            lines.append(f"{dialect.directive} {' '.join(kept)}")
    return Directives(tuple(lines), tuple(notes))


def _why_dropped(flag: str) -> str:
    """What is said instead of a flag that we write ourselves.

    >>> _why_dropped("-N mine"), _why_dropped("-j oe")
    ('a job has the name of its run', 'the output goes to the run directory')
    """
    if "name" in flag or flag.startswith(("-J", "-N", "-n")):
        return "a job has the name of its run"
    if flag.startswith(("-S", "-cwd", "-wd", "-d", "--directory")):
        return "a job begins in bash, where its launch stands"
    return "the output goes to the run directory"


def _above_the_first_command(script: str) -> Iterator[tuple[int, str]]:
    for number, line in enumerate(script.splitlines(), 1):
        if line.strip() and not line.lstrip().startswith("#"):
            return
        yield number, line


def _flags(text: str) -> Iterator[str]:
    """Each flag with its value; what stands behind a # is a remark.

    >>> list(_flags('--time=1 -c 2 --comment="a b" # remark'))
    ['--time=1', '-c 2', '--comment="a b"']
    """
    flag = ""
    for word in re.findall(r"""(?:[^\s"']|"[^"]*"?|'[^']*'?)+""", text):
        if word.startswith("#"):
            break
        if word.startswith("-") and flag:
            yield flag
            flag = word
        else:
            flag = f"{flag} {word}".strip()
    if flag:
        yield flag


def _refuse(dialect: Dialect, flag: str, number: int) -> None:
    for pattern, why in dialect.refused.items():
        if re.fullmatch(rf"(?:{pattern})(?:[\s=].*)?|(?:{pattern})\d.*", flag):
            raise SubmissionError(f"line {number}: {flag} cannot be served: {why}")
