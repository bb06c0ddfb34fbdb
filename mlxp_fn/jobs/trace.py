"""What bash noted while it interpreted a script without its effects: records of an order that is the script's."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterable, Iterator, Mapping

from attrs import frozen

UNKNOWN = re.compile("\x02([^\x02]*)\x02")
"""What stands in a word for something that only a job knows, or that only a skipped command could have said."""


def in_job(word: str) -> str:
    r"""A word as a job's script writes it, with what only the job knows as a variable.

    >>> in_job("a b.txt"), in_job("log \x02SLURM_JOB_ID\x02.txt")
    ("'a b.txt'", '\'log \'"$SLURM_JOB_ID".txt')
    """
    parts = UNKNOWN.split(word)
    if len(parts) == 1:
        return shlex.quote(word)
    return "".join(f'"${part}"' if at % 2 else part and shlex.quote(part) for at, part in enumerate(parts))


_EXPORT = re.compile(
    r"""declare\ -\w*x\w*\ (?P<name>\w+)
        (?:="(?P<double>(?:\\.|[^"\\])*)"|=\$'(?P<ansi>(?:\\.|[^'\\])*)')?\n""",
    re.VERBOSE | re.DOTALL,
)
_ANSI = {"n": "\n", "t": "\t", "r": "\r", "a": "\a", "b": "\b", "e": "\x1b", "E": "\x1b", "f": "\f", "v": "\v"}


@frozen(kw_only=True)
class Step:
    """A simple command as it is written, before it is interpreted, and the variables that it names.

    `values` are assignments of those that the script made, `exported` the names of those that commands inherit.
    """

    line: int
    cwd: str
    text: str
    values: tuple[str, ...]
    exported: tuple[str, ...]
    arguments: tuple[str, ...]


@frozen(kw_only=True)
class Call:
    """A command that was to be executed, in exact words; pipes are known by their names.

    `environment` names the file of the environment that it would have had, `variables` are assignments of the
    script's own.
    """

    line: int
    cwd: str
    into: str
    source: str
    environment: str
    variables: tuple[str, ...]
    words: tuple[str, ...]


@frozen
class Refused:
    """Something that cannot be interpreted."""

    line: int
    reason: str


@frozen
class Function:
    """A function of the script's own."""

    name: str
    body: str


@frozen
class End:
    """How the script came to its end: its status and its last command."""

    status: int
    last: str


Note = Step | Call | Refused | Function | End


def notes_in(contents: Iterable[bytes], script: str) -> tuple[Note, ...]:
    """The notes of all processes that had a part in interpreting the file `script`, in the script's order.

    >>> notes_in([b"4\\x00refused\\x002\\x007\\x00no\\x00", b"4\\x00end\\x0010\\x000\\x00exit\\x00"], "x")
    (Refused(line=7, reason='no'), End(status=0, last='exit'))
    """
    found = [fields for content in contents for fields in _fields(content)]
    found.sort(key=lambda fields: [int(part) for part in fields[1].split(".")])
    return tuple(note for fields in found for note in _note(fields, script))


def _fields(content: bytes) -> Iterator[list[str]]:
    texts = content.decode("utf-8", "surrogateescape").split("\0")[:-1]
    at = 0
    while at < len(texts):
        count = int(texts[at])
        yield texts[at + 1 : at + 1 + count]
        at += 1 + count


def _note(fields: list[str], script: str) -> Iterator[Note]:
    match fields:
        case ["step", _, line, file, cwd, text, values, exported, *arguments]:
            if file == script:
                yield Step(
                    line=int(line),
                    cwd=cwd,
                    text=text,
                    values=tuple(_assignments(values)),
                    exported=tuple(exported.split()),
                    arguments=tuple(arguments),
                )
        case ["call", _, line, cwd, into, source, environment, variables, *words]:
            yield Call(
                line=int(line),
                cwd=cwd,
                into=into,
                source=source,
                environment=environment,
                variables=tuple(_assignments(variables)),
                words=tuple(words),
            )
        case ["refused", _, line, reason]:
            yield Refused(int(line), reason)
        case ["function", _, name, body]:
            yield Function(name, body)
        case ["end", _, status, last]:
            yield End(int(status), last)


def _assignments(values: str) -> Iterator[str]:
    """One text for each variable; a value may itself hold new lines."""
    text = ""
    for line in values.splitlines(keepends=True):
        text += line
        if text.count("'") % 2 == 0:
            yield text.rstrip("\n")
            text = ""


def exports_in(content: str) -> Mapping[str, str]:
    r"""The environment that bash's `export -p` describes; variables without a value are left out.

    >>> exports_in('declare -x A="a \\"b\\" \\$c"\ndeclare -x B\ndeclare -x C=$\'x\\ny\'\n')
    {'A': 'a "b" $c', 'C': 'x\ny'}
    """
    exports = {}
    for found in _EXPORT.finditer(content):
        if found["double"] is not None:
            exports[found["name"]] = re.sub(r"\\(.)", r"\1", found["double"], flags=re.DOTALL)
        elif found["ansi"] is not None:
            exports[found["name"]] = re.sub(r"\\([0-7]{1,3}|.)", _unescaped, found["ansi"], flags=re.DOTALL)
    return exports


def _unescaped(found: re.Match[str]) -> str:
    code = found[1]
    return chr(int(code, 8)) if code.isdigit() else _ANSI.get(code, code)
