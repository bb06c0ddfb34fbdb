"""The words of a command understood as a launch of Python: by which interpreter, which script, with what."""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import pairwise
from pathlib import PurePath

from attrs import evolve, frozen

from mlxp_fn.errors import SubmissionError

_PYTHON = re.compile(r"python(?:\d+(?:\.\d+)*)?")
_WRAPPERS = ("srun", "uv", "env")
_LAUNCHERS = ("accelerate", "deepspeed", "horovodrun", "mpiexec", "mpirun", "torchrun")
_DEBUGGERS = ("pdb", "ipdb")
_NO_SCRIPT = ("-c", "-", "-h", "--help", "-V", "--version")
_OPTIONS_WITH_VALUE = ("-W", "-X", "--check-hash-based-pycs")


@frozen(kw_only=True)
class PythonCommand:
    """`srun -n1 env A=1 python -u main.py lr=1` in its parts.

    `wrapper` is what stands before the interpreter, `python` the interpreter, `options` its own options, `target`
    the script, or `-m` and the module; `dropped` tells what was left out.
    """

    wrapper: tuple[str, ...] = ()
    python: str
    options: tuple[str, ...] = ()
    target: tuple[str, ...]
    arguments: tuple[str, ...] = ()
    dropped: tuple[str, ...] = ()

    @property
    def words(self) -> tuple[str, ...]:
        """The whole command."""
        return (*self.wrapper, *self._interpreter, *self.target, *self.arguments)

    @property
    def here(self) -> tuple[str, ...]:
        """The words that start the interpreter on this machine: without `srun`."""
        return (*_without_srun(self.wrapper), *self._interpreter)

    @property
    def _interpreter(self) -> tuple[str, ...]:
        return (*((self.python,) if self.python else ()), *self.options)

    def moved(self, script: str | None, python: str) -> PythonCommand:
        """The same command for another directory: `script` as it is called there, None for a module.

        An interpreter that was named by a path from here, or found by `uv`, is `python`.

        >>> python_command(["srun", "uv", "run", "main.py", "lr=1"]).moved("/copy/main.py", "/env/bin/python").words
        ('srun', '/env/bin/python', '/copy/main.py', 'lr=1')
        """
        uv = next((i for i, word in enumerate(self.wrapper) if PurePath(word).name == "uv"), None)
        keeps = uv is None and self.python and ("/" not in self.python or PurePath(self.python).is_absolute())
        return evolve(
            self,
            wrapper=self.wrapper if uv is None else self.wrapper[:uv],
            python=self.python if keeps else python,
            target=self.target if script is None or self.target[0] == "-m" else (script,),
        )

    def ignoring(self, signal: str) -> PythonCommand:
        """The same, but in a step of `srun`, which inherits nothing of the sort, the signal is ignored at first.

        >>> python_command(["srun", "-n1", "python", "main.py"]).ignoring("USR1").words
        ('srun', '-n1', 'sh', '-c', 'trap "" USR1; exec "$@"', 'sh', 'python', 'main.py')
        """
        if not self.is_step or not signal:
            return self
        within = _without_srun(self.wrapper)
        srun = self.wrapper[: len(self.wrapper) - len(within)]
        shell = ("sh", "-c", f'trap "" {signal}; exec "$@"', "sh")
        return evolve(self, wrapper=(*srun, *shell, *within))

    @property
    def is_step(self) -> bool:
        """Whether `srun` starts it, in one process or several."""
        return bool(self.wrapper) and PurePath(self.wrapper[0]).name == "srun"


def python_command(words: Sequence[str]) -> PythonCommand | None:
    """The launch that these words are; None where they run no Python script.

    Raises `SubmissionError` where they run one in a way that is not understood.

    >>> python_command(["srun", "-n1", "python", "-u", "-m", "pdb", "main.py", "lr=1"]).words
    ('srun', '-n1', 'python', '-u', 'main.py', 'lr=1')
    >>> python_command(["uv", "run", "main.py"]).here
    ('uv', 'run')
    >>> python_command(["cp", "main.py", "copy.py"]) is None
    True
    """
    _refuse_launchers(words)
    name = PurePath(words[0]).name
    if not (_PYTHON.fullmatch(name) or name in _WRAPPERS):
        _refuse_hidden(words)
        return None
    at = next((i for i, word in enumerate(words) if _PYTHON.fullmatch(PurePath(word).name)), None)
    if at is None:
        return _script_itself(words)
    rest = list(words[at + 1 :])
    options: list[str] = []
    dropped: list[str] = []
    while rest:
        if rest[0] == "-m" and not set(_DEBUGGERS).isdisjoint(rest[1:2]):
            dropped += _drop_debugger(rest)
        elif found := _target_of(rest):
            return PythonCommand(
                wrapper=tuple(words[:at]),
                python=words[at],
                options=tuple(options),
                target=found[0],
                arguments=found[1],
                dropped=tuple(dropped),
            )
        elif rest[0] in _NO_SCRIPT or rest[0].startswith("-c"):
            return None
        else:
            length = 2 if rest[0] in _OPTIONS_WITH_VALUE else 1
            options += rest[:length]
            del rest[:length]
    return None


def _target_of(words: Sequence[str]) -> tuple[tuple[str, ...], tuple[str, ...]] | None:
    """What is run, and its arguments; None where an option of the interpreter stands there."""
    match words:
        case ["-m", module, *arguments]:
            return ("-m", module), tuple(arguments)
        case [word, *arguments] if word.startswith("-m") and word != "-m":
            return ("-m", word[2:]), tuple(arguments)
        case [word, *arguments] if not word.startswith("-"):
            return (word,), tuple(arguments)
    return None


def _drop_debugger(words: list[str]) -> list[str]:
    """Take `-m pdb` and its commands off the words; returns what was taken."""
    dropped = [f"-m {words[1]}"]
    del words[:2]
    while words[:1] == ["-c"]:
        dropped.append(f"-c {words[1] if words[1:] else ''}")
        del words[:2]
    return dropped


def _script_itself(words: Sequence[str]) -> PythonCommand | None:
    """`uv run main.py`, `srun ./main.py`: the script is named and not its interpreter."""
    at = next((i for i, word in enumerate(words) if i and word.endswith(".py") and "=" not in word), None)
    if at is None:
        return None
    wrapper, target = tuple(words[:at]), (words[at],)
    return PythonCommand(wrapper=wrapper, python="", target=target, arguments=tuple(words[at + 1 :]))


def _refuse_hidden(words: Sequence[str]) -> None:
    """Refuse a launch inside another command, which could not be given a job of its own."""
    for word, follower in pairwise(words[1:]):
        if _PYTHON.fullmatch(PurePath(word).name) and (follower.endswith(".py") or follower.startswith("-m")):
            raise _hidden(words[0], f"{word} {follower}")


def _refuse_launchers(words: Sequence[str]) -> None:
    """Refuse a launch by what starts several processes of a script; `srun` is understood."""
    at = next((i for i, word in enumerate(words) if PurePath(word).name in _LAUNCHERS), None)
    script = next((word for word in words[at + 1 :] if word.endswith(".py")), None) if at is not None else None
    if at is not None and script and not any(word.endswith(".py") for word in words[:at]):
        raise _hidden(words[at], script)


def _hidden(runner: str, what: str) -> SubmissionError:
    return SubmissionError(
        f"{runner!r} runs {what}, and mlxpsub cannot give that a job; python, srun, uv run and env are understood"
    )


def _without_srun(wrapper: tuple[str, ...]) -> tuple[str, ...]:
    """The wrapper without `srun` and its options: from the next wrapper or assignment on."""
    if not wrapper or PurePath(wrapper[0]).name != "srun":
        return wrapper
    kept = next((i for i, word in enumerate(wrapper) if i and PurePath(word).name in _WRAPPERS), len(wrapper))
    return wrapper[kept:]
