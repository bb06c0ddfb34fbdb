"""What is installed for this interpreter, read off the names of a few directories.

`importlib.metadata` tells the same and parses a file of each package for it, which takes fifty times as long.
"""

from __future__ import annotations

import os
import sys

from mlxp_fn import jsonl
from mlxp_fn.jobs.masking import masked_urls


def installed() -> dict[str, dict[str, str]]:
    """The versions of all packages; where editable ones lie; from where those came that no index has.

    Names are as an index writes them, and of two packages of one name that counts which is imported.
    """
    versions: dict[str, str] = {}
    editable: dict[str, str] = {}
    direct: dict[str, str] = {}
    for folder in dict.fromkeys(sys.path):
        for entry in _names_in(folder or os.curdir):
            stem, _, kind = entry.rpartition(".")
            name, _, version = stem.partition("-")
            name = name.lower().replace("_", "-").replace(".", "-")
            if name in versions:
                continue
            if kind == "dist-info":
                versions[name] = version
                _note_origin(name, f"{folder}/{entry}/direct_url.json", editable, direct)
            elif version:
                versions[name] = version.partition("-py")[0]
            else:  # made beside its sources, where it is imported from
                versions[name] = _version_in(f"{folder}/{entry}/PKG-INFO")
                editable[name] = os.path.abspath(folder)
    return {"packages": _sorted(versions), "editable": _sorted(editable), "direct": _sorted(direct)}


def _names_in(folder: str) -> list[str]:
    try:
        names = os.listdir(folder)
    except OSError:  # a zip file, or nothing
        return []
    return sorted(name for name in names if name.endswith((".dist-info", ".egg-info")))


def _note_origin(name: str, path: str, editable: dict[str, str], direct: dict[str, str]) -> None:
    content = _read(path)
    if not content:
        return
    try:
        origin = jsonl.decode(content)
        url, commit = str(origin["url"]), origin.get("vcs_info", {}).get("commit_id")
        is_editable = origin.get("dir_info", {}).get("editable") is True
    except (ValueError, KeyError, AttributeError, TypeError):
        return
    from urllib.parse import unquote

    if is_editable:
        editable[name] = unquote(url.removeprefix("file://"))
    else:
        direct[name] = masked_urls(f"{url}@{commit}" if commit else url)


def _version_in(path: str) -> str:
    lines = _read(path).decode(errors="replace").splitlines()
    return next((line.removeprefix("Version:").strip() for line in lines if line.startswith("Version:")), "")


def _read(path: str) -> bytes:
    try:
        with open(path, "rb", buffering=0) as file:
            return file.read()
    except OSError:
        return b""


def _sorted(facts: dict[str, str]) -> dict[str, str]:
    return dict(sorted(facts.items()))
