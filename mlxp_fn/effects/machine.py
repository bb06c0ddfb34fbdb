"""The machine: its processors, memory and GPUs, its system, and who uses it."""

from __future__ import annotations

import hashlib
import os
import pwd
import sys
from contextlib import suppress
from typing import Any

from mlxp_fn import jsonl
from mlxp_fn.effects.commands import answer_of

_PATIENCE = 10.0
"""Seconds that `nvidia-smi` is given: without a persistent driver it wakes up every card."""

_QUERY = ("--query-gpu=name,memory.total,driver_version", "--format=csv,noheader,nounits")


def user() -> str:
    """The name of who runs this process, or the number where the system knows no name."""
    number = os.getuid()
    try:
        return pwd.getpwuid(number).pw_name
    except KeyError:
        return str(number)


def system() -> str:
    """The distribution, the kernel and the architecture."""
    kernel = os.uname()
    distribution = _value("/etc/os-release", "PRETTY_NAME", "=").strip("\"'")
    return ", ".join(filter(None, [distribution, f"{kernel.sysname} {kernel.release} {kernel.machine}"]))


def python() -> str:
    """The version of this interpreter, after its name where that is not CPython."""
    version = ".".join(map(str, sys.version_info[:3]))
    return version if sys.implementation.name == "cpython" else f"{sys.implementation.name} {version}"


def hardware() -> dict[str, Any]:
    """Processor, number of processors, bytes of memory, and the GPUs where `nvidia-smi` answers."""
    return {"cpu": _processor(), "cpu_count": os.cpu_count(), "memory": _memory(), **_gpus()}


def usable_processors() -> int:
    """How many processors this process may use, which a scheduler may have made fewer."""
    return len(os.sched_getaffinity(0))


def _processor() -> str:
    return _value("/proc/cpuinfo", "model name", ":") or os.uname().machine


def _memory() -> int | None:
    kibibytes = _value("/proc/meminfo", "MemTotal", ":").removesuffix(" kB")
    return int(kibibytes) << 10 if kibibytes.isdecimal() else None


def _gpus() -> dict[str, Any]:
    """The GPUs this process can see, their driver, and the CUDA version it brings."""
    if not any(os.access(f"{folder}/nvidia-smi", os.X_OK) for folder in os.get_exec_path()):
        return {"gpus": []}
    from mlxp_fn.effects import user_cache  # only where there are GPUs

    name = f"gpus/{_what_decides_on_gpus()}.json"
    with suppress(ValueError):
        known = jsonl.decode(user_cache.recall(name) or b"")
        if isinstance(known, dict):
            return known
    found = _asked_gpus()
    if found["gpus"] is not None:
        user_cache.keep(name, jsonl.encode(found))
    return found


def _what_decides_on_gpus() -> str:
    """The digest of what must be the same for the same GPUs to be seen: the boot, the driver, the container, and
    the control group in which a scheduler shows a job its own."""
    sources = ("/proc/sys/kernel/random/boot_id", "/proc/driver/nvidia/version", "/proc/self/cgroup")
    facts = [os.uname().nodename, os.environ.get("PATH", ""), *map(_head, sources)]
    return hashlib.sha256("\0".join(facts).encode(errors="surrogateescape")).hexdigest()


def _asked_gpus() -> dict[str, Any]:
    table = answer_of(("nvidia-smi", *_QUERY), seconds=_PATIENCE)
    if table is None:
        return {"gpus": None}
    rows = [[cell.strip() for cell in line.split(",")] for line in table.splitlines()]
    rows = [row for row in rows if len(row) == 3]
    _, _, cuda = (answer_of(("nvidia-smi",), seconds=_PATIENCE) or "").partition("CUDA Version:")
    return {
        "gpus": [{"model": model, "memory": _bytes(memory)} for model, memory, _ in rows],
        "driver": rows[0][2] if rows else None,
        "cuda": cuda.split()[0] if cuda.strip() else None,
    }


def _bytes(mebibytes: str) -> int | None:
    return int(mebibytes) << 20 if mebibytes.isdecimal() else None


def _value(path: str, key: str, separator: str) -> str:
    """What a file of the system's says of `key` near its beginning; nothing where it does not."""
    for line in _head(path).splitlines():
        name, _, value = line.partition(separator)
        if name.strip() == key:
            return value.strip()
    return ""


def _head(path: str) -> str:
    """The first block of a file, more of which the kernel may take milliseconds to write; empty without one."""
    try:
        with open(path, "rb", buffering=0) as file:
            return file.read(4096).decode(errors="replace")
    except OSError:
        return ""
