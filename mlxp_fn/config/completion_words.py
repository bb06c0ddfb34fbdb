"""The line that a shell is completing, read as far as it can be: words, flags, and the config that they lead to."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from pathlib import PurePath
from typing import Any

from attrs import evolve, frozen

from mlxp_fn.config.argv import Flags, UsageError, parse_argv
from mlxp_fn.config.composition import Composed, compose_job
from mlxp_fn.config.overrides import parse_override
from mlxp_fn.config.source_files import Sources
from mlxp_fn.config.syntax import Choice, Override, Zip
from mlxp_fn.errors import MlxpError, OverrideError
from mlxp_fn.tree.interpolation import Surroundings

_PART = re.compile(r"""'([^']*)'?|"((?:\\.|[^"\\])*)"?|\\(.?)|([^\s'"\\]+)|(\s+)""", re.DOTALL)
_ESCAPE = re.compile(r'\\(["\\$`])')

SHELLS = ("bash", "zsh", "fish")
"""The shells that are completed in."""

VERBS = ("install", "uninstall", "query")
"""What `--shell-completion` may be asked for."""


@frozen
class Line:
    """What was typed behind a script's name: the words that are finished, and the one under the cursor."""

    words: tuple[str, ...]
    current: str


def request(overrides: Sequence[str]) -> tuple[str, str]:
    """What stands beside `--shell-completion`: the verb and the shell. Raises `UsageError` for anything else.

    >>> request(["install=bash"])
    ('install', 'bash')
    """
    verb, _, shell = " ".join(overrides).partition("=")
    if verb not in VERBS or shell not in SHELLS:
        raise UsageError(
            f"--shell-completion needs one of {', '.join(VERBS)} with one of {', '.join(SHELLS)}, such as "
            f"install=bash, not {' '.join(overrides) or 'nothing'}"
        )
    return verb, shell


def read_line(line: str, script: str) -> Line:
    """The words of a command line that was typed up to the cursor, without the quotes of the shell.

    >>> read_line("python -u ./main.py 'a=1 2' opt", "main.py")
    Line(words=('a=1 2',), current='opt')
    """
    *words, current = _split(line)
    places = [place for place, word in enumerate(words) if PurePath(word).name == PurePath(script).name]
    return Line(tuple(words[places[0] + 1 :] if places else words[1:]), current)


def _split(line: str) -> list[str]:
    """The words of a shell's line; the last one may be unfinished, or empty after a blank."""
    words = [""]
    for match in _PART.finditer(line.lstrip()):
        single, double, escaped, bare, blank = match.groups()
        if blank is not None:
            words.append("")
        elif double is not None:
            words[-1] += _ESCAPE.sub(r"\1", double)
        else:
            words[-1] += single or escaped or bare or ""
    return words


def readable_flags(words: Sequence[str]) -> Flags:
    """The flags that choose config files, and the overrides that can be read; what cannot is left out."""
    # The last word may be a flag whose value is being typed.
    for given in (words, words[:-1], [word for word in words if not word.startswith("-")]):
        try:
            flags = parse_argv(given)
        except UsageError:
            continue
        return Flags(
            overrides=tuple(text for text in flags.overrides if _read(text)),
            config_path=flags.config_path,
            config_name=flags.config_name,
            config_dir=flags.config_dir,
        )
    return Flags()


def composed_of_words(
    sources: Sources,
    overrides: Iterable[str],
    config_name: str,
    surroundings: Surroundings,
    settings: Mapping[str, Any],
) -> Composed | None:
    """The job that the overrides mean without those that fail; of a sweep, its first job.

    None where even the rest makes no config, as without a mandatory choice.
    """

    def composed(chosen: Sequence[Override]) -> Composed | None:
        try:
            return compose_job(sources, chosen, config_name, surroundings, settings=settings)
        except MlxpError:
            return None

    read = [first for text in overrides if (override := _read(text)) and (first := _first(override))]
    found = composed(read)
    if found:
        return found
    kept: list[Override] = []
    # Options first: what a value is given to may come with them.
    for override in sorted(read, key=lambda override: not sources.is_group(override.key)):
        if composed([*kept, override]):
            kept.append(override)
    return composed(kept)


def _read(text: str) -> Override | None:
    try:
        return parse_override(text)
    except OverrideError:
        return None


def _first(override: Override) -> Override | None:
    """The override with the first of its values; None for a sweep over numbers, which changes no key."""
    if isinstance(override.value, (Choice, Zip)) and override.value.elements:
        return _first(evolve(override, value=override.value.elements[0]))
    return None if override.is_sweep else override
