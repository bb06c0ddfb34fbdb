"""A scheduler that the settings describe: the documentation's example as it stands there, on a stand-in of Flux."""

import re
import subprocess
from pathlib import Path

import pytest
import yaml

import mlxp_fn as mlxp
from tests.schedulers.project import mlxp_command, mlxpsub, until, words, write_project

PAGE = (Path(__file__).parents[2] / "docs/schedulers.md").read_text()
EXAMPLE = re.search(r"<!-- flux -->\n```yaml\n(.*?)```", PAGE, re.DOTALL)[1]
HEADER = "#!/bin/bash\n#flux: -n1 -t 10m\n"


@pytest.fixture
def project(tmp_path, monkeypatch, stand_in):
    stand_in("flux")
    write_project(tmp_path / "my project")
    monkeypatch.chdir(tmp_path / "my project")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    Path("configs/mlxp.yaml").write_text(EXAMPLE)


def flux(*words):
    return subprocess.run(["flux", *words], capture_output=True, text=True, check=True).stdout


def submitted(line, *options, header=HEADER):
    done = mlxpsub(line, *options, header=header)
    assert done.returncode == 0, done.stderr
    return [line.split()[0] for line in done.stdout.splitlines()]


def statuses():
    return list(mlxp.runs("logs")["info.status"])


def states():
    said = mlxp_command("ls", "--columns", "state", "--csv")
    return said.stdout.splitlines()[1:]


def test_the_example_submits_holds_waits_cancels_and_goes_on(project):
    jobs = submitted("python main.py kind=long seed=1,2", "--hold")
    after = submitted("python main.py", "--after", jobs[1])
    assert (jobs, after, states()) == (["ƒ1", "ƒ2"], ["ƒ3"], ["held", "held", "queued"])

    flux("job", "urgency", "ƒ1", "default")
    until(lambda: Path("logs/1/metrics/train.json").exists())
    assert states() == ["running", "held", "queued"]
    assert mlxp_command("cancel", "1", "3").returncode == 0
    until(lambda: statuses() == ["INTERRUPTED", "STARTING", "INTERRUPTED"])

    assert mlxp_command("resubmit", "1").returncode == 0
    seen = len(mlxp.runs("logs")[0]["train.step"])
    until(lambda: len(mlxp.runs("logs")[0]["train.step"]) > seen)
    assert "--job-name=logs/1" in Path("logs/1/script.sh").read_text()


def test_a_job_is_warned_and_a_lost_answer_is_found(project):
    Path("configs/mlxp.yaml").write_text(EXAMPLE + "warn_before: 3\n")
    submitted("python main.py kind=long", header=HEADER.replace("10m", "6s"))
    file = Path("logs/1/metadata/events/0.jsonl")
    file.write_text("".join(line for line in file.open() if '"submitted"' not in line))

    resumed = subprocess.run(["mlxpsub", "--resume"], capture_output=True, text=True, check=False)

    assert resumed.stdout == "nothing is left to submit in logs\n"
    until(lambda: statuses() == ["INTERRUPTED"])
    assert ("warned" in words(1), "checkpoint" in words(1)) == (True, True)


def test_what_it_does_not_say_is_refused_and_nothing_is_made(project):
    refused = mlxpsub("python main.py seed=1,2", "--array", header=HEADER)

    assert (refused.returncode, refused.stderr) == (1, "error: flux is not known to serve --array; leave it out\n")
    assert not Path("logs").exists()


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"sumbit": ["flux"]}, "mlxp.scheduler has no 'sumbit'; did you mean 'submit'?"),
        ({"cancel": None}, "mlxp.scheduler: there is no scheduler 'flux'; there are slurm, oar, sge, torque, "
                           "openpbs, slurm-torque, lsf, moab; one of your own needs cancel, too"),
        ({"submit": "flux batch"}, "mlxp.scheduler.submit is a list of texts, like [squeue, --me], not "
                                   "'flux batch'"),
        ({"job_id": "ƒ.+"}, "mlxp.scheduler.job_id needs a group (…) and 'ƒ.+' has none"),
        ({"job_id": "("}, "mlxp.scheduler.job_id is no regular expression: missing ), unterminated subpattern at "
                          "position 0 in '('"),
        ({"states": {"RUN": "runs"}}, "mlxp.scheduler.states has no 'runs'; there are queued, held, requeued, "
                                      "running, done, failed, out of memory, cancelled, timed out, preempted"),
        ({"given": "file"}, "mlxp.scheduler.given is one of path, name, stdin, not 'file'"),
        ({"known": ["flux", 3]}, "mlxp.scheduler.known is a list of texts, like [squeue, --me], and 3 is no "
                                 "text"),
    ],
)  # fmt: skip
def test_a_mistake_in_the_description_is_told(project, change, message):
    described = yaml.safe_load(EXAMPLE)["scheduler"]
    described = {key: value for key, value in {**described, **change}.items() if value is not None}
    Path("configs/mlxp.yaml").write_text(yaml.safe_dump({"scheduler": described}, allow_unicode=True))

    done = mlxpsub("python main.py", header=HEADER)

    assert (done.returncode, done.stderr) == (1, f"error: {message}\n")
    assert not Path("logs").exists()


def test_a_description_in_a_log_directory_is_followed_only_by_who_has_submitted_with_it(
    project, tmp_path, monkeypatch
):
    submitted("python main.py", "--hold")
    settings = Path("logs/1/metadata/mlxp.yaml")
    altered = re.sub(r"known:\n(\s*- ).*\n.*", r"known:\n\1touch\n\1executed", settings.read_text())
    assert (states(), "executed" in altered) == (["held"], True)

    settings.write_text(altered)
    assert states() == ['""']
    assert "followed only where you have submitted with it yourself" in mlxp_command("cancel", "1").stderr
    assert not Path("executed").exists()

    settings.write_text(altered.replace("touch", "flux").replace("executed", "jobs"))
    assert states() == ["held"]
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "another's"))
    assert states() == ['""']
