"""Files are whole or not there; lines are whole or not there."""

import os
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor

import pytest

from mlxp_fn.effects.files import LineWriter, cut_torn_line, write_atomically
from mlxp_fn.errors import LogDirError


def test_a_file_is_replaced_and_nothing_else_is_left(tmp_path):
    path = tmp_path / "info.yaml"
    path.write_bytes(b"old")

    write_atomically(path, b"new")

    assert path.read_bytes() == b"new"
    assert os.listdir(tmp_path) == ["info.yaml"]


def test_a_write_that_fails_names_the_path_and_the_reason(tmp_path):
    with pytest.raises(LogDirError, match=r"cannot write .*gone/info.yaml: No such file or directory"):
        write_atomically(tmp_path / "gone" / "info.yaml", b"new")


def test_a_write_below_a_file_names_the_path_and_the_reason(tmp_path):
    (tmp_path / "file").touch()

    with pytest.raises(LogDirError, match=r"cannot write .*file/info.yaml: Not a directory"):
        write_atomically(tmp_path / "file" / "info.yaml", b"new")


def test_threads_write_whole_lines(tmp_path):
    path = tmp_path / "metrics" / "train.json"
    writer = LineWriter(path)

    with ThreadPoolExecutor(40) as threads:
        list(threads.map(lambda n: writer.append(b"%04d" % n * 100 + b"\n"), range(1000)))

    lines = path.read_bytes().splitlines()
    assert sorted(lines) == [b"%04d" % n * 100 for n in range(1000)]


FILL = """
import resource, signal, sys
from pathlib import Path
from mlxp_fn.effects.files import LineWriter
from mlxp_fn.errors import LogDirError
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
resource.setrlimit(resource.RLIMIT_FSIZE, (1000, 1000))
writer = LineWriter(Path(sys.argv[1]))
for n in range(100):
    try:
        writer.append(b"x" * 299 + b"\\n")
    except LogDirError as error:
        print(n, error)
        break
writer.append(b"y" * 79 + b"\\n")
"""


def test_a_line_the_disk_took_half_of_is_taken_back(tmp_path):
    path = tmp_path / "train.json"

    done = subprocess.run([sys.executable, "-c", FILL, path], capture_output=True, text=True, check=True)

    assert done.stdout.startswith("3 cannot write")
    assert "100 of 300 bytes" in done.stdout
    assert path.read_bytes() == (b"x" * 299 + b"\n") * 3 + b"y" * 79 + b"\n"


def test_what_others_wrote_behind_a_torn_line_stays(tmp_path, monkeypatch):
    path = tmp_path / "train.json"
    writer, write = LineWriter(path), os.write
    writer.append(b"1\n")

    def cut_short(descriptor, line):
        written = write(descriptor, line[:3])
        write(descriptor, b"\nother\n")
        return written

    monkeypatch.setattr(os, "write", cut_short)
    with pytest.raises(LogDirError, match="the disk took 3 of 6 bytes"):
        writer.append(b"12345\n")

    assert path.read_bytes() == b"1\n123\nother\n"


@pytest.mark.parametrize(
    ("content", "left"),
    [(b'{"a":1}\n{"a"', b'{"a":1}\n'), (b'{"a":1}\n', b'{"a":1}\n'), (b'{"a"', b""), (b"", b"")],
)
def test_a_torn_last_line_is_cut_off(tmp_path, content, left):
    path = tmp_path / "train.json"
    path.write_bytes(content)

    cut_torn_line(path)

    assert path.read_bytes() == left


def test_a_torn_line_longer_than_a_block_is_cut_off(tmp_path):
    path = tmp_path / "train.json"
    path.write_bytes(b"1\n" + b"x" * 200_000)

    cut_torn_line(path)

    assert path.read_bytes() == b"1\n"
