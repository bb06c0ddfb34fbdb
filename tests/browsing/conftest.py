"""Runs that say all they can to a browser."""

from __future__ import annotations

import os
import struct
import zlib
from pathlib import Path

import pytest

import mlxp_fn as mlxp

EVIL = """</script><script>document.title = "gone"</script><img src=x onerror="document.title = 'gone'">"""


def chunk(kind: bytes, content: bytes) -> bytes:
    return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))


PICTURE = (
    b"\x89PNG\r\n\x1a\n"
    + chunk(b"IHDR", struct.pack(">IIBBBBB", 2, 2, 8, 0, 0, 0, 0))
    + chunk(b"IDAT", zlib.compress(b"\0\0\xff\0\xff\0"))
    + chunk(b"IEND", b"")
)
"""A PNG of two by two pixels."""

DRAWING = """<?xml version="1.0"?>
<!-- by hand --><svg xmlns="http://www.w3.org/2000/svg" width="3" height="3"
 onload="parent.document.title = 'gone'">
<script>parent.document.title = 'gone'</script><image href="http://127.0.0.1:9/x.png" width="3" height="3"/>
<rect width="3" height="3" fill="red"/></svg>"""
"""An SVG of three by three pixels that would like to do more."""


def task(ctx: mlxp.Context) -> None:
    config, logger = ctx.config, ctx.logger
    os.write(1, f"10%\r100%\n\x1b[31mred\x1b[0m {EVIL}\n".encode())  # not to whom pytest has put in its place
    logger.describe(name=f"two\nlines\x1b[2J {EVIL}" if config.seed == 1 else "plain")
    for step in range(5):
        logger.log_metrics({"loss": config.lr * (5 - step) + config.seed / 10, EVIL: 1, "step": step}, "train")
        if config.lr == 0.25 and config.seed == 2 and step == 2:
            raise ValueError(f"too wild {EVIL}")
    source = Path(logger.log_dir).parents[1] / "picture.png"
    source.write_bytes(PICTURE)
    logger.log_artifacts(str(source), "samples.png", "file")
    if config.lr == 0.25 and config.seed == 1:
        drawing = source.with_name("drawing.svg")
        drawing.write_text(DRAWING)
        logger.log_artifacts(str(drawing), "drawing.svg", "file")


@pytest.fixture(scope="session")
def four_runs(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A log directory: lr 0.5 and 0.25 by seeds 1 and 2; the fourth run failed; everything hostile that fits."""
    logs = tmp_path_factory.mktemp("project") / "logs"
    sweep = mlxp.sweep({"lr": 0.0, "seed": 0, "note": EVIL}, {"lr": [0.5, 0.25], "seed": [1, 2]})
    with pytest.warns(UserWarning, match="1 of 4 runs failed: 4"):
        mlxp.run(task, sweep, parent_log_dir=logs, settings={"logger": {"log_streams_to_file": True}})
    return logs
