"""The words of schedulers: what they print is read as it was seen, and they are told what they understand."""

import pytest

from mlxp_fn.errors import SettingsError
from mlxp_fn.jobs.dialects import DIALECTS, LSF, MOAB, OAR, OPENPBS, SGE, TORQUE, Listed, dialect_of, listed
from mlxp_fn.jobs.directives import Directives, directives_of
from mlxp_fn.jobs.scheduler_block import understood_block
from mlxp_fn.jobs.script import EndWarning, array_flag, header

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
    warning = EndWarning(seconds=60, signal="USR2")
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


def test_directives_of_a_user_are_kept_but_for_what_we_say_ourselves():
    script = "#!/bin/bash\n#$ -pe smp 2 -N mine\n#$ -cwd -l h_rt=60 # a remark\n#$HOME\npython main.py\n"

    assert directives_of(script, SGE) == Directives(
        lines=("#$ -pe smp 2", "#$ -l h_rt=60"),
        notes=(
            "line 2: -N mine: a job has the name of its run",
            "line 3: -cwd: a job begins in bash, where its launch stands",
        ),
    )


def test_the_settings_choose_before_the_directives():
    assert dialect_of({"name": "OAR"}, "#SBATCH -n 1\n").name == "oar"
    with pytest.raises(SettingsError, match="there is no scheduler 'condor'; there are slurm, oar, sge, torque"):
        dialect_of({"name": "condor"}, "")


QSTAT_OF_TORQUE = """Job Id: 548.moab
    Job_Name = logs-7
    Job_Owner = fred@moab
    job_state = C
    queue = batch
    Hold_Types = n
    Output_Path = moab:/home/fred/my logs/7/log.array
    Variable_List = PBS_O_QUEUE=batch,PBS_O_HOME=/home/fred
    exit_status = 271
    submit_args = -W depend=afterok:3 ./script.sh
    start_count = 1

Job Id: 549[0].moab
    Job_Name = logs-8-9-0
    job_state = H
    Hold_Types = u
    Output_Path = moab:/home/fred/logs/8/log.array-0
    submit_args = -h ./array.sh
    fault_tolerant = False

"""
QSTAT_OF_OPENPBS = """Job Id: 12[3].pbs
    Job_Name = logs-1-4
    job_state = X
    Output_Path = login:/data/logs/1/log.array
    Exit_status = 0
    Submit_arguments = <jsdl-hpcpa:Argument>./array.sh</jsdl-hpcpa:Argument>

"""
BJOBS = """12|0|PEND|-|New job is waiting for scheduling;|/data/logs/1/script.sh
13|10|EXIT|TERM_OWNER: job killed by owner|-|/data/my logs/2/array.sh
"""
MJOBCTL = (
    '<Data><job Account="a" BlockReason="IdlePolicy:job 7 violates a limit" Class="short" CmdFile="script.sh" '
    'DRMJID="7.master" EState="Idle" GJID="7" IWD="/data/logs/1" JobID="7" State="Idle" User="me">'
    '<req ReqNodeMem="&gt;=0" TPN="2"/></job>'
    '<job CmdFile="./array.sh" GJID="Moab.8" Hold="User" IWD="/data/logs/2" JobID="Moab.8[1]" State="Idle">'
    "</job></Data>"
)
SHOWQ = (
    '<Data><queue count="1" option="completed" purgetime="86400"><job AWDuration="16" '
    'CompletionCode="CNCLD(271)" DRMJID="5087810.mg1" GJID="5087810" JobID="5087810" State="Completed"/>'
    "</queue></Data>"
)


@pytest.mark.parametrize(
    ("entry", "said", "jobs"),
    [
        (
            TORQUE.known_entry,
            QSTAT_OF_TORQUE,
            [
                ("548", None, "C", "exit_status = 271", "/home/fred/my logs/7/script.sh"),
                ("549", "0", "H", "Hold_Types = u", "/home/fred/logs/8/array.sh"),
            ],
        ),
        (OPENPBS.ended_entry, QSTAT_OF_OPENPBS, [("12", "3", "X", "Exit_status = 0", "/data/logs/1/array.sh")]),
        (
            LSF.known_entry,
            BJOBS,
            [
                ("12", None, "PEND", "New job is waiting for scheduling;", "/data/logs/1/script.sh"),
                ("13", "10", "EXIT", "TERM_OWNER: job killed by owner", "/data/my logs/2/array.sh"),
            ],
        ),
        (
            MOAB.known_entry,
            MJOBCTL,
            [
                ("7", None, "Idle", 'BlockReason="IdlePolicy:job 7 violates a limit"', "/data/logs/1/script.sh"),
                ("Moab.8", "1", "Idle", 'Hold="User"', "/data/logs/2/array.sh"),
            ],
        ),
        (MOAB.ended_entry, SHOWQ, [("5087810", None, "Completed", "CNCLD(271)", "")]),
    ],
    ids=["TORQUE", "OpenPBS", "LSF", "Moab", "Moab's ended"],
)
def test_what_the_others_print_is_read(entry, said, jobs):
    assert [(job.job, job.task, job.word, job.reason, job.script) for job in listed(entry, said)] == jobs


@pytest.mark.parametrize(
    ("name", "ours"),
    [
        *(("SLURMScheduler", "slurm"), ("OARScheduler", "oar"), ("SGEScheduler", "sge")),
        *(("PBSScheduler", "torque"), ("LSFScheduler", "lsf"), ("MWMScheduler", "moab")),
        *(("#OAR", "oar"), ("#SBATCH", "slurm")),
        *(("#BSUB", "lsf"), ("#MSUB", "moab"), ("#$", "sge"), ("#PBS", "torque"), ("Moab", "moab")),
    ],
)
def test_mlxps_names_and_directives_are_names_of_ours(name, ours):
    assert dialect_of(understood_block({"name": name, "option_cmd": ["-x"]}), "").name == ours
