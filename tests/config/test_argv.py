"""The command line's flags."""

from __future__ import annotations

import pytest

from mlxp_fn.config.argv import Flags, UsageError, parse_argv


def test_what_is_no_flag_is_an_override() -> None:
    assert parse_argv(["a=1", "-m", "b=-2", "~c"]) == Flags(overrides=("a=1", "b=-2", "~c"), multirun=True)


def test_our_own_flags() -> None:
    flags = parse_argv(["--dry-run", "--jobs", "4", "--only=missing,failed"])

    assert flags == Flags(dry_run=True, jobs=4, only=("missing", "failed"))


@pytest.mark.parametrize(
    ("argv", "message"),
    [
        (["--seed=3"], "there is no flag '--seed'; --help names all; an override has no - before its key"),
        (["--lr", "1"], "there is no flag '--lr'; --help names all"),
        (["--hlep"], "there is no flag '--hlep'; did you mean --help?"),
        (["--config", "x"], "--config-path or --config-name or --config-dir"),
        (["--cfg", "x"], "one of job, mlxp, hydra, all"),
        (["--cfg"], "needs a value"),
        (["--jobs", "0"], "a number from 1"),
        (["--only", "all"], "missing, failed"),
        (["--resolve=yes"], "takes no value"),
        (["-a=1"], "an override has no - before its key"),
    ],
)
def test_a_flag_that_is_not_understood_says_what_would_be(argv: list[str], message: str) -> None:
    with pytest.raises(UsageError, match=message):
        parse_argv(argv)
