"""The user's cache, and users that have no place for one."""

from __future__ import annotations

import os
import pwd
from pathlib import Path

import pytest

from mlxp_fn.effects import user_cache


def test_what_was_kept_is_recalled(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    user_cache.keep("inputs/a.json", b"1")
    assert (user_cache.recall("inputs/a.json"), user_cache.recall("inputs/b.json")) == (b"1", None)


def test_without_a_home_nothing_is_kept_where_the_user_stands(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def nobody(number: int) -> None:
        raise KeyError(number)

    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("HOME", raising=False)
    monkeypatch.delenv("XDG_CACHE_HOME", raising=False)
    monkeypatch.setattr(pwd, "getpwuid", nobody)
    user_cache.keep("inputs/a.json", b"1")
    assert (os.listdir(tmp_path), user_cache.recall("inputs/a.json")) == ([], None)
