"""Which scheduler's job this is, told by the variables it sets."""

from __future__ import annotations

import pytest

from mlxp_fn.jobs.schedulers import job_of


@pytest.mark.parametrize(
    ("environ", "job"),
    [
        ({}, None),
        ({"SLURM_JOB_ID": ""}, None),
        ({"JOB_ID": "7"}, None),
        (
            {"SLURM_JOB_ID": "9", "SLURMD_NODENAME": "n1", "SLURM_ARRAY_JOB_ID": "8", "SLURM_ARRAY_TASK_ID": "0"},
            {"name": "slurm", "node": "n1", "scheduler_job_id": "9", "array_id": "8", "array_place": "0"},
        ),
        (
            {"OAR_JOB_ID": "9", "OAR_ARRAY_ID": "9", "OAR_ARRAY_INDEX": "1"},
            {"name": "oar", "node": "host", "scheduler_job_id": "9", "array_id": "9", "array_place": "1"},
        ),
        ({"PBS_JOBID": "9.pbs"}, {"name": "pbs", "node": "host", "scheduler_job_id": "9.pbs"}),
        (
            {"LSB_JOBID": "9", "LSB_JOBINDEX": "0"},
            {"name": "lsf", "node": "host", "scheduler_job_id": "9"},
        ),
        (
            {"JOB_ID": "9", "SGE_TASK_ID": "undefined"},
            {"name": "sge", "node": "host", "scheduler_job_id": "9"},
        ),
    ],
)
def test_a_job_is_known_by_its_environment(environ, job):
    assert job_of(environ, "host") == job
