"""Schedulers are asked in the name of whoever asks, and what they cannot say hurts nobody."""

import os

import pytest
from attrs import evolve

from mlxp_fn.effects.schedulers import job_seen, jobs_seen
from mlxp_fn.jobs.dialects import SLURM

ECHO = evolve(
    SLURM,
    name="echo",
    known=("echo", "{user}|RUNNING|None|/l/1/script.sh"),
    known_entry=r"(?P<job>\S+)\|(?P<word>\w+)\|(?P<reason>\w+)\|(?P<script>\S+)",
)


def test_whoever_has_no_name_here_asks_by_number(monkeypatch):
    for name in ("LOGNAME", "USER", "LNAME", "USERNAME"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr(os, "getuid", lambda: 54321)

    assert [(job, seen.state.word) for job, seen in jobs_seen(ECHO).items()] == [("54321", "running")]


@pytest.mark.parametrize("known", [("false",), ("/nowhere/squeue",), ("echo", "garbage|||\n|")])
def test_a_scheduler_that_says_nothing_sensible_knows_no_job(known):
    assert job_seen(evolve(ECHO, name=known[-1], known=known), "1") is None


def test_a_job_that_is_listed_no_more_is_looked_for_among_those_that_ended():
    dialect = evolve(
        ECHO,
        name="ends",
        known=("true",),
        ended=("echo", "7 COMPLETED"),
        ended_entry=r"(?P<job>\d+) (?P<word>\w+)",
    )

    assert (job_seen(dialect, "7").state.word, job_seen(dialect, "8")) == ("done", None)
