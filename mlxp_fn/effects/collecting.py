"""A user's script interpreted once by bash, so that nothing it does is done and every command's words are known."""

from __future__ import annotations

import ast
import os
import re
import subprocess
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from attrs import frozen

from mlxp_fn.errors import SubmissionError
from mlxp_fn.jobs.dialects import DIALECTS
from mlxp_fn.jobs.environment_steps import makes_environment
from mlxp_fn.jobs.job_variables import OF_A_JOB
from mlxp_fn.jobs.launches import PythonCommand
from mlxp_fn.jobs.shell_text import HarmlessScript, without_outputs
from mlxp_fn.jobs.trace import UNKNOWN, Note, Step, exports_in, notes_in

SECONDS = 120
"""How long a script may take to be interpreted."""


@frozen(kw_only=True)
class Collected:
    """What bash noted of a script, and the script it was noted of."""

    script: HarmlessScript
    notes: tuple[Note, ...]
    statements: tuple[int, ...]

    def environment(self, file: str) -> dict[str, str]:
        """What a launch would have inherited, without what only a job has."""
        functions = {name: value for name, value in os.environ.items() if name.startswith("BASH_FUNC_")}
        exported = {**functions, **exports_in(Path(file).read_text(errors="surrogateescape"))}
        return {name: value for name, value in exported.items() if not UNKNOWN.search(value)}


@contextmanager
def collected(script: Path, arguments: Sequence[str] = ()) -> Iterator[Collected]:
    """Interpret a script; its environments can be read as long as the context lasts.

    Raises `SubmissionError` where bash cannot.
    """
    try:
        text = script.read_text(encoding="utf-8", errors="surrogateescape")
    except OSError as error:
        raise SubmissionError(f"cannot read the script {script}: {error.strerror}") from error
    _refuse_bad_syntax(script)
    harmless = without_outputs(text)
    with tempfile.TemporaryDirectory(prefix="mlxpsub-") as folder:
        here = {dialect.submit_directory: os.getcwd() for dialect in DIALECTS.values() if dialect.submit_directory}
        _write(Path(folder), harmless, set(OF_A_JOB.findall(text)) - set(here))
        collector = str(Path(__file__).with_name("collect.bash"))
        command = ["bash", "--norc", "--noprofile", collector, str(script), folder, *arguments]
        try:
            done = subprocess.run(
                command,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.PIPE,
                timeout=SECONDS,
                check=False,
                env={**os.environ, **here},
            )
        except subprocess.TimeoutExpired as error:
            raise SubmissionError(f"the script did not come to its end within {SECONDS} s") from error
        contents = [path.read_bytes() for path in Path(folder).glob("notes.*")]
        notes = notes_in(contents, f"{folder}/harmless")
        if not notes:
            said = done.stderr.decode(errors="replace").strip()
            raise SubmissionError(f"bash could not interpret {script}: {said}")
        _refuse_what_could_not_be_computed(done.stderr.decode(errors="replace"), notes)
        yield Collected(script=harmless, notes=notes, statements=tuple(_statements(harmless.text)))


_NOT_COMPUTED = re.compile(r"/harmless: \S+ (\d+): (?!\[|\(\(|test:|let:)[^\n]*?" + UNKNOWN.pattern)
"""What bash says, in whichever language, where something that only a job knows should have been a number."""


def _refuse_what_could_not_be_computed(said: str, notes: Sequence[Note]) -> None:
    """Bash goes on without the command, or without the rest; a job repeats only what makes its environment."""
    repeated = {note.line for note in notes if isinstance(note, Step) and makes_environment(note)}
    for line, name in _NOT_COMPUTED.findall(said):
        if int(line) not in repeated:
            raise SubmissionError(
                f"line {line}: what is computed needs {name}, which only a job has; give the values as a sweep: "
                "seed=1,2,3"
            )


def _refuse_bad_syntax(script: Path) -> None:
    if script.suffix == ".py":
        raise SubmissionError(f"{script} is Python; mlxpsub takes the bash script that starts it, as sbatch does")
    checked = subprocess.run(["bash", "-n", str(script)], capture_output=True, text=True, check=False)
    if checked.returncode:
        first = checked.stderr.strip().splitlines()[0] if checked.stderr.strip() else "it is no bash script"
        raise SubmissionError(first.removeprefix(f"{script}: "))


def _write(folder: Path, script: HarmlessScript, unknown: set[str]) -> None:
    (folder / "harmless").write_text(script.text, encoding="utf-8", errors="surrogateescape")
    (folder / "nowhere").write_text(str(len(script.targets)))
    (folder / "unknown").write_text(" ".join(sorted(unknown)))


def _statements(text: str) -> Iterator[int]:
    """The line at which each statement begins: where bash, asked, finds all before it complete."""
    lines = text.splitlines(keepends=True)
    yield 1
    pending = ""
    for number, line in enumerate(lines, 1):
        pending += line
        if _is_complete(pending):
            pending = ""
            if number < len(lines):
                yield number + 1


def _is_complete(text: str) -> bool:
    stripped = text.strip()
    if not stripped or (stripped.startswith("#") and "\n" not in stripped):
        return True
    if re.search(r"(?<!\\)(?:\\\\)*\\\n?$", text):
        return False
    if re.fullmatch(r"[\w ./:=,@%+-]+", stripped) and not _OPENS.match(stripped):
        return True
    code = text.encode(errors="surrogateescape")
    checked = subprocess.run(["bash", "-n"], input=code, capture_output=True, check=False)
    return checked.returncode == 0 and not checked.stderr


_OPENS = re.compile(r"(?:if|for|while|until|case|select|function|coproc|time)\b")


def launches_task(command: PythonCommand, cwd: str) -> bool:
    """Whether a script, or what it imports from beside it, mentions mlxp; unknown modules are believed to."""
    if command.target[0] == "-m":
        parts = command.target[1].split(".")
        module = Path(cwd, *parts)
        places = (module.with_suffix(".py"), module / "__main__.py", Path(cwd, "src", *parts).with_suffix(".py"))
        file = next((place for place in places if place.is_file()), None)
        return file is None or _mentions(file, Path(cwd), set())
    file = Path(cwd, command.target[0])
    if not file.is_file():
        raise SubmissionError(f"there is no script {file}")
    return _mentions(file, file.parent, set())


def _mentions(file: Path, root: Path, seen: set[Path]) -> bool:
    if file in seen or len(seen) > 200:
        return False
    seen.add(file)
    text = file.read_text(encoding="utf-8", errors="replace")
    if "mlxp" in text:
        return True
    return any(_mentions(other, root, seen) for other in _imported(text, root))


def _imported(text: str, root: Path) -> Iterator[Path]:
    try:
        tree = ast.parse(text)
    except (SyntaxError, ValueError):
        return
    for node in ast.walk(tree):
        names = (
            [alias.name for alias in node.names] if isinstance(node, ast.Import)
            else [f"{node.module}.{alias.name}" for alias in node.names] + [node.module or ""]
            if isinstance(node, ast.ImportFrom) and node.module
            else []
        )  # fmt: skip
        for name in names:
            base = root.joinpath(*name.split("."))
            yield from (place for place in (base.with_suffix(".py"), base / "__init__.py") if place.is_file())
