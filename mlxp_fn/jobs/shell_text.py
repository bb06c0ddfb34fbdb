"""A shell script as text: its directives, and what it writes into files, taken out without running anything."""

from __future__ import annotations

import re

from attrs import frozen

NOWHERE = "__mlxp_nowhere"
"""The array that stands for the files a script writes: bash is told that each of them is /dev/null."""

_ASSIGNMENT = re.compile(r"([A-Za-z_]\w*)(?:\[[^]]*\])?\+?=")
_HARMLESS = re.compile(r"/dev/(?:null|stdout|stderr|tty|fd/\d+)")
_OPERATOR = re.compile(r"&>>|&>|>>|>\||>")
_HEREDOC = re.compile(r"<<(-?)[ \t]*(['\"]?)(\\?[A-Za-z_][\w.-]*)\2")
_STAND_IN = re.compile(r'"?\$\{' + NOWHERE + r'\[(\d+)\]\}"?')


@frozen
class HarmlessScript:
    """A script that writes no file, line for line the one it was made of, and the files that one wrote."""

    text: str
    targets: tuple[str, ...]

    def restored(self, text: str) -> str:
        """`text`, of this script or of a command of it, with the files it writes."""
        return _STAND_IN.sub(lambda found: self.targets[int(found[1])], text)

    def written(self, text: str) -> tuple[str, ...]:
        """The files that a command of this script would write."""
        return tuple(self.targets[int(found)] for found in _STAND_IN.findall(text))


def without_outputs(script: str) -> HarmlessScript:
    """The script with every output redirection into a file leading nowhere; lines stay where they are.

    >>> harmless = without_outputs('for s in 1 2; do python main.py seed=$s > "log $s"; done 2>> all')
    >>> harmless.text
    'for s in 1 2; do python main.py seed=$s > "${__mlxp_nowhere[0]}"; done 2>> "${__mlxp_nowhere[1]}"'
    >>> harmless.targets
    ('"log $s"', 'all')
    """
    return _Reader(script).read()


def assigned(text: str, command: bool = False) -> tuple[str, ...] | None:
    """The names that a simple command assigns before its first word; None where it does more, unless it may.

    >>> assigned('A="1 2" B=$(date +%s)'), assigned("A=1 python main.py"), assigned("A=1 ls", command=True)
    (('A', 'B'), None, ('A',))
    """
    return tuple(name for name, _ in words) if (words := assignments(text, command)) is not None else None


def assignments(text: str, command: bool = False) -> tuple[tuple[str, str], ...] | None:
    """The same, each name with its word."""
    reader = _Reader(text)
    found: list[tuple[str, str]] = []
    while reader.at < len(text):
        begin, name = reader.at, _ASSIGNMENT.match(text, reader.at)
        if not name:
            return tuple(found) if command else None
        reader.take(len(name[0]))
        reader.word()
        found.append((name[1], text[begin : reader.at]))
        reader.take(len(text) - reader.at - len(text[reader.at :].lstrip()))
    return tuple(found)


class _Reader:
    """A script that is read once from its beginning, code inside `$( )` and backticks included."""

    def __init__(self, script: str) -> None:
        self.script = script
        self.at = 0
        self.out: list[str] = []
        self.targets: list[str] = []
        self.heredocs: list[tuple[bool, bool, str]] = []
        self.in_backticks = False

    def read(self) -> HarmlessScript:
        while self.at < len(self.script):
            self.code(end="")
        return HarmlessScript("".join(self.out), tuple(self.targets))

    def code(self, end: str) -> None:
        """Commands, up to and with the closing parenthesis or backtick where there is one."""
        depth = 0
        while self.at < len(self.script):
            rest, char = self.script[self.at : self.at + 3], self.script[self.at]
            starts_word = not self.out or self.out[-1][-1:] in " \t\n;&|()"
            if char == "\n":
                self.take(1)
                self.heredoc_bodies()
            elif char == "#" and starts_word:
                self.take(min(self.until("\n"), self.until("`") if self.in_backticks else len(self.script)))
            elif rest[:2] == "((" and starts_word:
                self.balanced("((", "))")
            elif rest[:2] == "[[" and starts_word:
                self.balanced("[[", "]]")
            elif rest[:3] == "<<<":
                self.take(3)
            elif found := _HEREDOC.match(self.script, self.at):
                is_text = bool(found[2]) or found[3].startswith("\\")
                self.heredocs.append((bool(found[1]), is_text, found[3].lstrip("\\")))
                self.take(len(found[0]))
            elif rest[:2] in ("<(", ">("):
                self.take(2)
                self.code(end=")")
            elif rest[:2] == "<>" or (char == "<" and rest[:2] != "<("):
                self.take(2 if rest[:2] in ("<>", "<&") else 1)
            elif found := _OPERATOR.match(self.script, self.at):
                self.redirection(found[0])
            elif char == end and not depth:
                self.take(1)
                return
            elif char in "()":
                depth += 1 if char == "(" else -1
                self.take(1)
            else:
                self.piece()

    def redirection(self, operator: str) -> None:
        self.take(len(operator))
        if operator == ">" and self.script[self.at : self.at + 1] == "&":
            self.take(1)
            # A descriptor's number, or a dash; `>& file` is another way to write `&> file`.
            if re.match(r"[\d-]", self.script[self.at :]):
                return
        self.take(len(re.match(r"(?:[ \t]|\\\n)*", self.script[self.at :])[0]))  # type: ignore[index]
        if self.script[self.at : self.at + 2] == ">(":
            return
        start, kept = self.at, len(self.out)
        self.word()
        target = self.script[start : self.at]
        if target and not _HARMLESS.fullmatch(target):
            self.out[kept:] = [f'"${{{NOWHERE}[{len(self.targets)}]}}"']
            self.targets.append(target)

    def word(self) -> None:
        """What is left of a word, an array's elements included."""
        if self.script[self.at - 1 : self.at + 1] == "=(":
            self.take(1)
            self.code(end=")")
        while self.at < len(self.script) and not self.ends_word():
            self.piece()

    def ends_word(self) -> bool:
        if self.in_backticks and self.script.startswith(("`", "\\`"), self.at):
            return True
        return self.script[self.at] in " \t\n;&|()<>"

    def piece(self) -> None:
        """One part of a word: a quoted text, an expansion, or a character."""
        char, pair = self.script[self.at], self.script[self.at : self.at + 2]
        if char == "\\":
            self.take(2)
        elif char == "'":
            self.take(1 + self.until("'", self.at + 1) + 1)
        elif pair == "$'":
            self.take(len(re.match(r"\$'(?:\\.|[^'\\])*'?", self.script[self.at :], re.S)[0]))  # type: ignore[index]
        elif char == '"':
            self.double_quoted()
        else:
            self.expansion_or_character(pair)

    def expansion_or_character(self, pair: str) -> None:
        if self.script.startswith("$((", self.at):
            self.balanced("((", "))", skip=1)
        elif pair == "$(":
            self.take(2)
            self.code(end=")")
        elif pair == "${":
            self.take(2)
            while self.at < len(self.script) and self.script[self.at] != "}":
                self.piece()
            self.take(1)
        elif pair[:1] == "`" and not self.in_backticks:
            self.take(1)
            self.in_backticks = True
            self.code(end="`")
            self.in_backticks = False
        else:
            self.take(1)

    def double_quoted(self) -> None:
        self.take(1)
        while self.at < len(self.script) and self.script[self.at] != '"':
            self.quoted_piece()
        self.take(1)

    def quoted_piece(self) -> None:
        """One part of what stands in double quotes, or in a document that is not quoted."""
        if self.script[self.at] == "\\":
            self.take(2)
        else:
            self.expansion_or_character(self.script[self.at : self.at + 2])

    def balanced(self, opening: str, closing: str, skip: int = 0) -> None:
        """Arithmetic or a test, in which `<` and `>` compare."""
        self.take(skip + 2)
        depth = 1
        while self.at < len(self.script) and depth:
            pair = self.script[self.at : self.at + 2]
            if pair == closing:
                depth -= 1
                self.take(2)
            elif pair == opening:
                depth += 1
                self.take(2)
            else:
                self.piece()

    def heredoc_bodies(self) -> None:
        for indented, is_text, word in self.heredocs:
            begin = self.at
            end = next(
                (
                    found.start()
                    for found in re.compile(r"^.*$", re.M).finditer(self.script, begin)
                    if (found[0].lstrip("\t") if indented else found[0]) == word
                ),
                len(self.script),
            )
            while self.at < end and not is_text:
                self.quoted_piece()
            self.take(max(0, end - self.at))
            self.take(self.until("\n") + 1)
        self.heredocs.clear()

    def until(self, char: str, start: int | None = None) -> int:
        begin = self.at if start is None else start
        found = self.script.find(char, begin)
        return (len(self.script) if found < 0 else found) - begin

    def take(self, length: int) -> None:
        if length:
            self.out.append(self.script[self.at : self.at + length])
            self.at += length
