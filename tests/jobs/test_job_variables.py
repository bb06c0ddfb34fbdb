"""Which scheduler's job this is, told by the variables it sets."""

from __future__ import annotations

import pytest

from mlxp_fn.jobs.job_variables import job_of


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
        (
            {"PBS_JOBID": "9[2].pbs", "PBS_ARRAY_ID": "9[].pbs", "PBS_ARRAY_INDEX": "2"},
            {
                "name": "pbs",
                "node": "host",
                "scheduler_job_id": "9[2].pbs",
                "array_id": "9[].pbs",
                "array_place": "2",
            },
        ),
        (
            {"PBS_JOBID": "9[2].server", "PBS_VERSION": "TORQUE-6.1.2", "PBS_ARRAYID": "2"},
            {"name": "torque", "node": "host", "scheduler_job_id": "9[2].server", "array_place": "2"},
        ),
        (
            {"PBS_JOBID": "9.server", "PBS_VERSION": "TORQUE-6.1.2", "MOAB_JOBID": "Moab.4"},
            {"name": "moab", "node": "host", "scheduler_job_id": "Moab.4"},
        ),
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
