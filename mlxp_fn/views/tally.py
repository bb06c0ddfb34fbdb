"""How far something long is, in words, as a bar, and as HTML."""

from __future__ import annotations

from html import escape

from msgspec import Struct
from msgspec.structs import replace


class Tally(Struct, frozen=True, kw_only=True):
    """How far it is: `done` of `total`, `failed` among these, and the best that was found."""

    label: str
    total: int
    done: int = 0
    failed: int = 0
    running: int = 0
    best: str = ""
    seconds: float = 0.0

    def advanced(self, seconds: float, *, by: int = 1, failed: int = 0, best: str = "") -> Tally:
        """So many more have ended, `seconds` after the first began."""
        done, worse = self.done + by, self.failed + failed
        return replace(self, done=done, failed=worse, seconds=seconds, best=best or self.best)

    @property
    def words(self) -> str:
        """The numbers, for people.

        >>> Tally(label="runs", total=12, done=3, failed=1, running=2, seconds=65, best="0.1 (run 2)").words
        '3/12, 2 running, 1 failed, best 0.1 (run 2), 2.8/min, 9 left in about 3:15'
        >>> Tally(label="runs", total=12, done=12, seconds=65).words
        '12/12, 1:05'
        """
        left = self.total - self.done
        parts = [
            f"{self.done:,}/{self.total:,}",
            f"{self.running} running" if self.running and left else "",
            f"{self.failed} failed" if self.failed else "",
            f"best {self.best}" if self.best else "",
        ]
        if self.done and left:
            parts += [rate_of(self.done, self.seconds), f"{left:,} left in about {self._time_left(left)}"]
        elif self.done:
            parts.append(clock_of(self.seconds))
        return ", ".join(filter(None, parts))

    def _time_left(self, left: int) -> str:
        return clock_of(self.seconds / self.done * left)


def rate_of(done: int, seconds: float) -> str:
    """How many in a second, a minute or an hour; nothing where there is not yet a time to speak of.

    >>> rate_of(300, 2), rate_of(3, 60), rate_of(3, 7200), rate_of(1, 0.0)
    ('150/s', '3.0/min', '1.5/h', '')
    """
    if seconds < 0.01:
        return ""
    for unit, length in (("s", 1), ("min", 60), ("h", 3600)):
        rate = done / seconds * length
        if rate >= 1 or unit == "h":
            break
    return f"{rate:.1f}/{unit}" if rate < 10 else f"{rate:,.0f}/{unit}"


def bar_line(tally: Tally, width: int, coloured: bool = True) -> str:
    """The bar as one line of at most `width` characters, escape sequences aside.

    >>> bar_line(Tally(label="runs", total=4, done=1, seconds=2), 56, coloured=False)
    'runs ━━━━───────────── 1/4, 30/min, 3 left in about 0:06'
    """
    words = tally.words
    room = min(24, width - len(tally.label) - len(words) - 2)
    if room < 5:
        return f"{tally.label} {words}"[:width]
    full = room * tally.done // tally.total
    bad = min(full, -(-room * tally.failed // tally.total))
    parts = ((_GREEN, full - bad), (_RED, bad), (_GREY, room - full))
    cells = "".join(_cells(colour, length, coloured) for colour, length in parts if length > 0)
    return f"{tally.label} {cells} {words}"


def as_html(tally: Tally) -> str:
    """The same as plain HTML.

    >>> as_html(Tally(label="<runs>", total=4, done=1))
    '<progress value="1" max="4"></progress> &lt;runs&gt;: 1/4, 3 left in about 0:00'
    """
    words = escape(f"{tally.label}: {tally.words}")
    return f'<progress value="{tally.done}" max="{tally.total}"></progress> {words}'


_GREEN, _RED, _GREY = "\x1b[32m", "\x1b[31m", "\x1b[90m"


def _cells(colour: str, length: int, coloured: bool) -> str:
    if coloured:
        return f"{colour}{'━' * length}\x1b[0m"
    return ("─" if colour == _GREY else "━") * length


def clock_of(seconds: float) -> str:
    """A duration in minutes and seconds, or hours.

    >>> clock_of(65), clock_of(3661)
    ('1:05', '1:01:01')
    """
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{rest:02}" if hours else f"{minutes}:{rest:02}"
