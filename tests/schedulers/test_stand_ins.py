"""The stand-ins do what the manuals of the real ones say: as much of it as jobs of runs can come to need."""

import subprocess
from pathlib import Path

import pytest

from tests.schedulers.project import until


def run(*words, given=None):
    return subprocess.run(words, input=given, capture_output=True, text=True, check=False)


def printed(*words, given=None):
    done = run(*words, given=given)
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.fixture
def place(tmp_path, monkeypatch):
    place = tmp_path / "submitted from"
    (tmp_path / "home").mkdir()
    place.mkdir()
    monkeypatch.chdir(place)
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    monkeypatch.setenv("OWN", "mine")
    return place


SHOW = 'echo "$PWD|$OWN|$PBS_JOBID|$PBS_O_WORKDIR|$PBS_ARRAYID$PBS_ARRAY_INDEX"\n'


@pytest.mark.parametrize(("scheduler", "array"), [("torque", "-t 3-4%1"), ("openpbs", "-J 3-4")])
def test_pbs_runs_jobs_at_home_with_little_environment_and_copies_their_output(stand_in, place, scheduler, array):
    stand_in(scheduler)
    Path("job.sh").write_text(f"#!/bin/bash\n#PBS -N name -j oe\n{SHOW}exit 3\n")
    Path("array.sh").write_text(f"#!/bin/bash\n#PBS -V -o out -j oe\n#PBS {array}\n{SHOW}")

    assert printed("qsub", "job.sh") == "1.server\n"
    assert printed("qsub", "array.sh") == "2[].server\n"

    until(lambda: Path("name.o1").exists() and len(list(place.glob("out?*"))) == 2)
    home = place.parent / "home"
    assert Path("name.o1").read_text() == f"{home}||1.server|{place}|\n"
    assert sorted(path.read_text() for path in place.glob("out?*")) == [
        f"{home}|mine|2[3].server|{place}|3\n",
        f"{home}|mine|2[4].server|{place}|4\n",
    ]


@pytest.mark.parametrize(
    ("scheduler", "words", "status", "message"),
    [
        ("torque", ["-y"], 2, "qsub: option -y not recognized"),
        ("torque", ["-N", "7th"], 2, "qsub: illegal -N value"),
        ("torque", ["-l", "wall=1:00"], 187, "Unknown resource type  Resource_List.wall"),
        ("torque", ["-q", "long"], 172, "Unknown queue"),
        ("torque", ["-t", "1-"], 2, "qsub: illegal -t value"),
        ("torque", ["-J", "1-2"], 2, "qsub: option -J not recognized"),
        ("openpbs", ["-N", "logs/7"], 2, "qsub: illegal -N value"),
        ("openpbs", ["-l", "wall=1:00"], 187, "qsub: Unknown resource Resource_List.wall"),
        ("openpbs", ["-t", "1-2"], 2, "qsub: option -t not recognized"),
        ("openpbs", ["nothere.sh"], 1, "qsub: script file 'nothere.sh' cannot be loaded"),
        ("moab", ["-l", "wall=1:00"], 1, "invalid resource request"),
        ("moab", ["-t", "1-2"], 1, "invalid array specification '1-2'"),
        ("lsf", ["-Q"], 255, "Option -Q requires an argument. Job not submitted."),
        ("lsf", ["--name", "x"], 255, "--name: Illegal option. Job not submitted."),
        ("lsf", ["-J", "logs/7"], 255, "Bad job name"),
        ("lsf", ["-q", "long"], 255, "long: No such queue. Job not submitted."),
        ("lsf", ["-w", "done(9)"], 255, "No matching job found. Job not submitted."),
        ("flux", ["--walltime=1"], 1, "unrecognized arguments"),
    ],
)
def test_what_the_real_ones_refuse_is_refused(stand_in, place, scheduler, words, status, message):
    stand_in(scheduler)
    Path("job.sh").write_text("#!/bin/bash\ntrue\n")
    submit = {"moab": ["msub"], "lsf": ["bsub"], "flux": ["flux", "batch", "-n1"]}.get(scheduler, ["qsub"])
    script = [] if scheduler == "lsf" or "nothere.sh" in words else ["job.sh"]

    done = run(*submit, *words, *script, given="true\n")

    assert (done.returncode, message in done.stderr) == (status, True), done.stderr
    assert done.stdout == ""


def test_pbs_holds_releases_signals_reruns_and_deletes(stand_in, place):
    stand_in("torque")
    loop = "while :; do sleep 0.05; done\n"
    Path("job.sh").write_text(f"trap 'echo warned >> warned' USR1\necho begun >> begun\n{loop}")
    printed("qsub", "-d", ".", "-h", "job.sh")
    state = lambda: printed("qstat", "-f", "-1").split("job_state = ")[1][0]  # noqa: E731
    assert state() == "H"

    printed("qrls", "1.server")
    until(Path("begun").exists)
    printed("qsig", "-s", "USR1", "1")
    until(Path("warned").exists)
    printed("qrerun", "1")
    until(lambda: Path("begun").read_text() == "begun\nbegun\n")
    printed("qdel", "1")
    until(lambda: state() == "C")

    assert "exit_status = 271" in printed("qstat", "-f")
    assert run("qdel", "1").returncode == 170
    assert "Unknown Job Id 9" in run("qdel", "9").stderr


def test_dependencies_wait_for_success_and_end_with_a_failure(stand_in, place):
    stand_in("torque")
    for name, script in (("good", "sleep 0.3; touch good\n"), ("bad", "exit 1\n"), ("after", "touch $PBS_JOBID\n")):
        Path(name).write_text(script)
    printed("qsub", "-d", ".", "good")
    printed("qsub", "bad")
    printed("qsub", "-d", ".", "-W", "depend=afterok:1.server", "after")
    printed("qsub", "-d", ".", "-W", "depend=afterok:2.server", "after")

    until(Path("3.server").exists)

    assert Path("good").exists()
    until(lambda: printed("qstat", "-f", "-1").count("job_state = C") == 4)
    assert not Path("4.server").exists()


def test_lsf_reads_standard_input_alone_and_appends_a_report_and_the_output(stand_in, place):
    stand_in("lsf")
    script = '#!/bin/bash\n#BSUB -J "n[1-2]%1" -o out -Jd "a b"\necho "$PWD|$OWN|$LSB_JOBINDEX|$LSB_JOBNAME"\n'

    assert printed("bsub", given=script) == "Job <1> is submitted to default queue <normal>.\n"

    listed = ("bjobs", "-a", "-noheader", "-o", "jobid jobindex stat job_description delimiter='|'")
    until(lambda: printed(*listed) == "1|1|DONE|a b\n1|2|DONE|a b\n")
    out = Path("out").read_text().splitlines()
    assert [line for line in out if "|" in line] == [f"{place}|mine|1|n[1]", f"{place}|mine|2|n[2]"]
    assert out[0] == "Sender: LSF System <lsfadmin@server>"


def test_lsf_interrupts_first_then_terminates_then_kills(stand_in, place, monkeypatch):
    monkeypatch.setenv("STAND_IN_GRACE", "2")
    stand_in("lsf")
    script = "trap 'echo INT >> got' INT\ntrap 'echo TERM >> got' TERM\ntouch begun\nwhile :; do sleep 0.05; done\n"
    printed("bsub", given=script)
    until(Path("begun").exists)

    assert printed("bkill", "1") == "Job <1> is being terminated\n"

    reason = ("bjobs", "-a", "-noheader", "-o", "stat exit_reason")
    until(lambda: printed(*reason) == "EXIT TERM_OWNER: job killed by owner\n")
    assert Path("got").read_text() == "INT\nTERM\n"
    assert run("bkill", "1").stderr == "Job <1>: Job has already finished\n"


def test_moab_prints_an_empty_line_first_and_warns_before_the_end(stand_in, place):
    stand_in("moab")
    Path("job.sh").write_text(
        "#!/bin/bash\n#MSUB -l walltime=6,signal=10@3 -d .\n#PBS -N n\n"
        "trap 'echo USR1 $MOAB_JOBID $MOAB_JOBNAME > got' USR1\nwhile :; do sleep 0.05; done\n"
    )

    assert printed("msub", "job.sh") == "\n1\n"

    until(lambda: 'CompletionCode="CNCLD(271)"' in printed("showq", "-c", "--xml"))
    assert Path("got").read_text() == "USR1 1 n\n"
