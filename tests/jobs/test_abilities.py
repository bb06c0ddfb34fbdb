"""What a scheduler cannot do is said before anything is made."""

import pytest

from mlxp_fn.errors import SubmissionError
from mlxp_fn.jobs.abilities import what_is_not_served
from mlxp_fn.jobs.dialects import OAR, SGE, SLURM
from mlxp_fn.jobs.script import EndWarning, SubmitOptions


def said(dialect, *, log_dir="/home/me/logs", warning=(), **options):
    return list(what_is_not_served(dialect, SubmitOptions(**options), [log_dir], warning))


@pytest.mark.parametrize(
    ("dialect", "asked", "reason"),
    [
        (OAR, {"at_once": 3}, "oar cannot run so many tasks of an array at a time"),
        (OAR, {"log_dir": "/home/it's me/logs"}, "oar starts no job in /home/it's me/logs, for \"'\" is"),
        (SGE, {"warning": [EndWarning(seconds=60)]}, "sge warns with SIGUSR2, not with SIGUSR1: set"),
    ],
)
def test_what_cannot_be_is_refused(dialect, asked, reason):
    with pytest.raises(SubmissionError) as refusal:
        said(dialect, **asked)

    assert reason in str(refusal.value)


def test_what_will_be_otherwise_is_told():
    assert said(SGE, after=("7", "8")) == ["sge waits for the end of job 7, 8, whether it ends well or not"]


def test_nothing_is_said_of_what_can_be():
    assert said(SLURM, log_dir="/it's", at_once=3, after=("7",), warning=[EndWarning(seconds=60)]) == []
    assert said(SGE, at_once=3, warning=[EndWarning(seconds=60, signal="USR2")]) == []
