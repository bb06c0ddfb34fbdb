"""What was printed, as a terminal would show it in the end: progress bars in their last state."""

from __future__ import annotations

import re

_COLOUR = re.compile(r"\x1b\[[\d;:]*m")
_TOKEN = re.compile(r"\x1b\[(?P<erase>[012]?)K|(?P<colour>\x1b\[[\d;:]*m)|(?P<back>\r)|(?P<step>\x08)|(?s:.)")


def collapsed(text: str) -> str:
    r"""The text with each line as it was last: what follows a carriage return overwrites the line from its start.

    Colours, backspaces and the escape sequences that erase a line mean what they mean on a terminal. A line that
    nothing overwrites is left as it is.

    >>> collapsed("epoch 1:  50%\repoch 1: 100%\ndone\n")
    'epoch 1: 100%\ndone\n'
    """
    return "\n".join(map(_last_state, text.split("\n")))


def plain_line(line: str) -> str:
    r"""A line as it is seen in the end, without colours.

    >>> plain_line("\x1b[32mepoch 1\x1b[0m: 50%\repoch 2")
    'epoch 2: 50%'
    """
    return collapsed(_COLOUR.sub("", line))


def _last_state(line: str) -> str:
    line = line.rstrip("\r")
    if "\x08" in line or ("\r" in line and "\x1b" in line):
        return _drawn(line)
    if "\r" not in line:
        return line
    shown = ""
    for part in line.split("\r"):
        shown = part + shown[len(part) :]
    return shown.rstrip(" ")


def _drawn(line: str) -> str:
    cells: list[str] = []
    place, colour = 0, ""
    for token in _TOKEN.finditer(line):
        match token.lastgroup:
            case "back":
                place = 0
            case "step":
                place = max(0, place - 1)
            case "erase":
                _erase(cells, place, token["erase"])
            case "colour":
                colour += token[0]
            case _:
                cells[place : place + 1] = [colour + token[0]]
                place, colour = place + 1, ""
    return "".join(cells).rstrip(" ") + colour


def _erase(cells: list[str], place: int, what: str) -> None:
    """Erase to the end of the line, to its start (1) or all of it (2)."""
    cells[:] = (cells if what in ("", "0") else [" "] * len(cells))[:place] + (cells[place:] if what == "1" else [])
