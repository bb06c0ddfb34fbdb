"""The words of schedulers: what they print is read as it was seen, and they are told what they understand."""

import pytest

from mlxp_fn.errors import SettingsError
from mlxp_fn.jobs.dialects import DIALECTS, OAR, SGE, Listed, dialect_of, listed
from mlxp_fn.jobs.script import Grace, array_flag, header

QSTAT = """<?xml version='1.0'?>
<job_info  xmlns:xsd="http://arc.liv.ac.uk/qstat.xsd">
  <queue_info>
    <job_list state="running">
      <JB_job_number>21</JB_job_number>
      <JB_name>logs-1-3</JB_name>
      <state>r</state>
      <slots>1</slots>
      <tasks>2</tasks>
    </job_list>
  </queue_info>
  <job_info>
    <job_list state="pending">
      <JB_job_number>22</JB_job_number>
      <state>hqw</state>
      <slots>1</slots>
    </job_list>
  </job_info>
</job_info>
"""
QACCT = """==============================================================
qname        main
jobnumber    21
taskid       3
account      sge
failed       100 : assumedly after job
exit_status  137                  (Killed)
==============================================================
jobnumber    20
taskid       undefined
failed       0
exit_status  1
"""
QSTAT_J = """==============================================================
job_number:                 2
exec_file:                  job_scripts/2
sge_o_workdir:              /home/me/my logs/1
sge_o_host:                 localhost
script_file:                ./script.sh
binding:                    NONE
"""
OARSTAT = """Job_Id: 3
    job_array_id = 3
    job_array_index = 1
    name = logs/3
    state = Error
    wanted_resources = -l "{type = 'default'}/resource_id=1,walltime=0:10:0"
    queue = default
    command = ./script.sh
    launchingDirectory = /home/me/my logs/3
    stdout_file = log.stdout
    message = R=1,W=0:10:0,J=B,N=logs/3 (Karma=0.000,quota_ok)
    scheduledStart = no prediction
    resubmit_job_id = 0
    events =
2026-11-25 06:44:31> FRAG_JOB_REQUEST:User root requested to frag the job 3
2026-11-25 06:44:33> SEND_KILL_JOB:[Leon] Send the kill signal to oarexec on vm for job 3

Job_Id: 5
    job_array_id = 4
    job_array_index = 2
    name = logs/4-5
    state = Terminated
    command = ./array.sh
    exit_code = 768 (3,0,0)
    launchingDirectory = /home/me/my logs/4
    message = R=1,W=0:10:0,J=B,N=logs/4-5 (Karma=0.000,quota_ok)
    resubmit_job_id = 2
    events =

"""


def test_what_grid_engine_prints_is_read():
    assert list(listed(SGE.known_entry, QSTAT)) == [
        Listed(job="21", task="2", word="r"),
        Listed(job="22", task=None, word="hqw"),
    ]
    ended = list(listed(SGE.ended_entry, QACCT))
    assert [(job.job, job.task, SGE.state_of(job.word, job.reason).word) for job in ended] == [
        ("21", "3", "cancelled"),
        ("20", None, "failed"),
    ]
    assert list(listed(SGE.scripts_entry, QSTAT_J)) == [
        Listed(job="2", task=None, word="", script="/home/me/my logs/1/script.sh")
    ]


def test_what_oar_prints_is_read():
    first, second = listed(OAR.known_entry, OARSTAT)

    assert first == Listed(
        job="3", task="1", word="Error", reason="FRAG_JOB_REQUEST", script="/home/me/my logs/3/script.sh"
    )
    assert (second.job, second.task, second.again, second.reason) == ("5", "2", "2", "exit_code = 768 (3,0,0)")
    assert second.script == "/home/me/my logs/4/array.sh"


@pytest.mark.parametrize(
    ("dialect", "word", "reason", "state"),
    [
        (SGE, "qw", "", "queued"),
        (SGE, "hqw", "", "held"),
        (SGE, "hRwq", "", "held"),
        (SGE, "Rq", "", "requeued"),
        (SGE, "Eqw", "", "held"),
        (SGE, "r", "", "running"),
        (SGE, "hr", "", "running"),
        (SGE, "Rr", "", "running"),
        (SGE, "dr", "", "running"),
        (SGE, "tS", "", "running"),
        (SGE, "failed 0", "exit_status 0", "done"),
        (SGE, "failed 0", "exit_status 137", "failed"),
        (SGE, "failed 37", "exit_status 137", "timed out"),
        (OAR, "Waiting", "no_matching_slot", "queued"),
        (OAR, "Hold", "", "held"),
        (OAR, "Running", "BESTEFFORT_KILL", "running"),
        (OAR, "Terminated", "exit_code = 0 (0,0,0)", "done"),
        (OAR, "Terminated", "exit_code = 768 (3,0,0)", "failed"),
        (OAR, "Error", "FRAG_JOB_REQUEST", "cancelled"),
        (OAR, "Error", "WALLTIME", "timed out"),
        (OAR, "Error", "BESTEFFORT_KILL", "preempted"),
        (OAR, "Error", "R=1", "failed"),
    ],
)
def test_their_words_have_ours(dialect, word, reason, state):
    assert dialect.state_of(word, reason).word == state


@pytest.mark.parametrize("name", DIALECTS)
def test_a_name_that_was_made_fit_is_left_alone(name):
    dialect = DIALECTS[name]
    made = dialect.job_name("2024 logs/7:a@b*c")

    assert dialect.job_name(made) == made


def test_names_are_made_fit():
    assert [dialect.job_name("2024 logs/7") for dialect in (OAR, SGE)] == ["2024-logs/7", "r-2024-logs-7"]


def test_a_job_of_oar_says_each_thing_in_a_line_of_its_own():
    warning = Grace(seconds=60, signal="USR2")
    lines = header(OAR, ["#OAR -l /core=1"], name="logs/7", script="/l/7/script.sh", is_step=False, warning=warning)

    assert lines == (
        "#OAR -l /core=1", "#OAR -n logs/7", "#OAR -O log.stdout", "#OAR -E log.stderr", "#OAR -t idempotent",
        "#OAR --checkpoint 60", "#OAR --signal 12",
    )  # fmt: skip
    assert array_flag(OAR, "", 4, None) == "--array 4"


@pytest.mark.parametrize(
    ("script", "here", "name"),
    [
        ("#SBATCH -n 1\n#OAR -l /core=1\n", {"oar"}, "oar"),
        ("#SBATCH -n 1\n#OAR -l /core=1\n", set(), "slurm"),
        ("#$ -l h_rt=60\n", {"slurm"}, "sge"),
        ("#$HOME is the place\n", {"oar"}, "oar"),
        ("echo\n", {"sge"}, "sge"),
        ("echo\n", set(), "slurm"),
    ],
)
def test_the_directives_choose_and_what_is_here_among_them(script, here, name):
    assert dialect_of({}, script, lambda dialect: dialect.name in here).name == name


def test_the_settings_choose_before_the_directives():
    assert dialect_of({"name": "OAR"}, "#SBATCH -n 1\n").name == "oar"
    with pytest.raises(SettingsError, match="there is no scheduler 'condor'; there are slurm, oar, sge, torque"):
        dialect_of({"name": "condor"}, "")
