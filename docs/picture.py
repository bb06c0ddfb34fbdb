"""Draw the README's picture: what a terminal shows of the demo's runs. `python docs/picture.py` makes it anew.

The commands run on a true terminal; what they send there becomes an SVG in which nothing is loaded from elsewhere.
"""

from __future__ import annotations

import os
import pty
import shlex
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from io import StringIO
from pathlib import Path

from rich.console import Console
from rich.text import Text

PICTURE = Path(__file__).with_suffix(".svg")

COMMANDS = (
    "mlxp ls --sort -test.accuracy --limit 6 --columns 'id,status,*.lr,*.hidden,test.accuracy'",
    "mlxp plot test.accuracy --by optimizer.lr,model.hidden --x test.epoch",
)

COLUMNS, LINES = 100, 22

SVG = """\
<svg viewBox="0 0 {width} {height}" xmlns="http://www.w3.org/2000/svg">
<style>
.{unique_id}-matrix {{ font-family: ui-monospace, "DejaVu Sans Mono", Menlo, Consolas, monospace;
  font-size: {char_height}px; line-height: {line_height}px; font-variant-east-asian: full-width; }}
{styles}
</style>
<defs><clipPath id="{unique_id}-clip-terminal">
<rect x="0" y="0" width="{terminal_width}" height="{terminal_height}" /></clipPath>{lines}</defs>
<rect fill="#292929" width="{width}" height="{height}" rx="8" />
<g transform="translate({terminal_x}, 26)" clip-path="url(#{unique_id}-clip-terminal)">
{backgrounds}
<g class="{unique_id}-matrix">{matrix}</g>
</g>
</svg>
"""


def seen(command: str, cwd: Path) -> str:
    """What a terminal receives of a command."""
    ours, theirs = pty.openpty()
    size = {"COLUMNS": str(COLUMNS), "LINES": str(LINES), "TERM": "xterm", "PAGER": "cat"}
    path = f"{os.path.dirname(sys.executable)}{os.pathsep}{os.environ['PATH']}"
    clean = {name: value for name, value in os.environ.items() if name != "NO_COLOR"}
    with subprocess.Popen(
        shlex.split(command), cwd=cwd, env={**clean, **size, "PATH": path}, stdin=subprocess.DEVNULL,
        stdout=theirs, stderr=theirs,
    ) as process:  # fmt: skip
        os.close(theirs)
        chunks = []
        try:
            while chunk := os.read(ours, 65536):
                chunks.append(chunk)
        except OSError:  # what Linux says at the end of a terminal
            pass
    os.close(ours)
    assert process.returncode == 0
    return b"".join(chunks).decode().replace("\r\n", "\n")


def picture(project: Path, commands: Sequence[str] = COMMANDS) -> str:
    """The commands and what they show, as an SVG."""
    console = Console(record=True, width=COLUMNS, file=StringIO(), force_terminal=True)
    for command in commands:
        console.print(Text.assemble(("$ ", "bold green"), (command, "bold")))
        console.print(Text.from_ansi(seen(command, project)))
    return console.export_svg(code_format=SVG)


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as directory:
        project = Path(directory, "demo")
        demo = [Path(sys.executable).parent / "mlxp", "demo", project]
        subprocess.run(demo, check=True, stdout=subprocess.DEVNULL)
        PICTURE.write_text(picture(project))
