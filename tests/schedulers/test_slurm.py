"""mlxpsub and a real Slurm: what a user submits is what runs."""

import json
import os
import signal
import subprocess
from pathlib import Path

import pytest

import mlxp_fn as mlxp
from tests.schedulers import project
from tests.schedulers.project import MAIN, configs, events, mlxp_command, run_ids, words, write_project

pytestmark = pytest.mark.usefixtures("cluster")

HEADER = "#!/bin/bash\n#SBATCH --time=10\n#SBATCH --ntasks=1\n"


@pytest.fixture(autouse=True)
def _project(tmp_path, monkeypatch, cluster):
    write_project(tmp_path / "my project")
    monkeypatch.chdir(tmp_path / "my project")
    yield
    subprocess.run(["scancel", "--me"], check=False)


def mlxpsub(script, *options, header=HEADER):
    return project.mlxpsub(script, *options, header=header)


def submitted(script, *options, **settings):
    done = mlxpsub(script, *options, **settings)
    assert done.returncode == 0, done.stderr
    return done.stdout


def until(condition, seconds=180):
    project.until(condition, seconds, lambda: queue("--states=all"))


def queue(*options):
    command = ["squeue", "--noheader", "--me", *options]
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout.strip()


def no_jobs():
    return not queue()


def test_the_papers_script_is_four_jobs_and_each_runs_its_own_config():
    said = submitted(
        "\npython main.py lr=10.,1. seed=1,2\n",
        header="#!/bin/bash\n#SLURM --time=1-00:10:00\n#SLURM --ntasks=1\n#SLURM --cpus-per-task=1\n",
    )

    assert [line.split()[1:] for line in said.splitlines()] == [
        [*f"{Path.cwd()}/logs/{run}".split(), f"lr={lr}", f"seed={seed}"]
        for run, lr, seed in ((1, 10.0, 1), (2, 10.0, 2), (3, 1.0, 1), (4, 1.0, 2))
    ]
    until(no_jobs)
    assert [(config["lr"], config["seed"]) for config in configs()] == [(10, 1), (10, 2), (1, 1), (1, 2)]
    assert set(mlxp.runs("logs")["info.status"]) == {"COMPLETE"}
    assert mlxp.runs("logs")[0]["info.scheduler.scheduler_job_id"] == events(1)[2]["job_id"]


def test_loops_functions_and_quoting_arrive_as_they_were_written():
    submitted(r"""
        train() { python main.py "text='$1'" "${@:2}"; }
        for seed in $(seq 1 2); do
            train "it is \$HOME; \"x\" & y" seed=$seed
        done
        value='{a: [1, "2"], b: {c: null}}'
        python main.py value="$value" "text='two
        lines'" > out.txt
        """)

    until(no_jobs)
    first, second, third = configs()
    assert (first["seed"], second["seed"]) == (1, 2)
    assert first["text"] == second["text"] == 'it is $HOME; "x" & y'
    assert third["value"] == {"a": [1, "2"], "b": {"c": None}}
    assert third["text"].split() == ["two", "lines"]
    assert not Path("out.txt").exists()


def test_the_same_file_is_one_job_for_sbatch_and_none_for_bash():
    Path("train.sh").write_text(f"{HEADER}cd '{os.getcwd()}'\npython main.py seed=1,2\npython main.py seed=3\n")

    subprocess.run(["sbatch", "-o", "/dev/null", "train.sh"], check=True, capture_output=True)
    until(no_jobs)
    assert [config["seed"] for config in configs()] == [1, 2, 3]

    subprocess.run(["bash", "train.sh"], check=True, capture_output=True)
    assert [config["seed"] for config in configs()] == [1, 2, 3, 1, 2, 3]


def test_the_environment_before_and_the_lines_after_the_launch_are_the_jobs():
    Path("activate").write_text("export FROM_FILE=yes\n")
    shown = '"seen")\n    print(*map(os.getenv, ("A", "B", "FROM_FILE", "ONCE")))'
    Path("main.py").write_text(MAIN.replace('"seen")', shown))
    submitted("""
        set -u
        target="a b"
        export A="$target/${SLURM_JOB_ID}"
        touch never
        source ./activate
        cd configs
        B=2 ONCE=1 python ../main.py 2>&1 | tee "../$target.txt" ../out-$SLURM_JOB_ID.txt
        echo "after $target" >> "../after.txt"
        """)

    until(no_jobs)
    job = next(event["job_id"] for event in events(1) if event["event"] == "submitted")
    assert f"a b/{job} 2 yes 1" in Path("logs/1/log.stdout").read_text().splitlines()
    assert f"a b/{job} 2 yes 1" in Path("a b.txt").read_text().splitlines()
    assert Path(f"out-{job}.txt").read_text() == Path("a b.txt").read_text()
    assert Path("after.txt").read_text() == "after a b\n"
    assert not Path("never").exists()


def test_the_lines_after_a_launch_know_how_it_ended_and_what_the_script_said():
    submitted("""
        out=results
        scratch=$PWD/$SLURM_JOB_ID
        say() { echo "$1 $scratch" >> $out; }
        trap 'echo trapped >> $out' EXIT
        python main.py kind=fail
        status=$?
        if [ $status -ne 0 ]; then say "$status"; fi
        """)

    until(no_jobs)
    job = events(1)[2]["job_id"]
    assert Path("results").read_text() == f"1 {Path.cwd()}/{job}\ntrapped\n"


def test_edits_of_the_config_after_submission_do_not_reach_the_job():
    submitted("python main.py text=\"'007'\"", "--hold")
    Path("configs/config.yaml").write_text("kind: fail\n")
    assert words(1) == ["created", "submitting", "submitted"]
    assert mlxp.runs("logs")[0]["info.status"] == "STARTING"

    subprocess.run(["scontrol", "release", events(1)[2]["job_id"]], check=True)

    until(no_jobs)
    assert configs() == [{"kind": "quick", "lr": 1.0, "seed": 0, "text": "007", "value": None}]


def test_each_task_of_an_array_runs_in_its_own_directory():
    said = submitted("python main.py 'seed=range(5)'\n", "--array", "--at-once", "3")

    jobs = [line.split()[0] for line in said.splitlines()]
    array = jobs[0].partition("_")[0]
    assert jobs == [f"{array}_{place}" for place in range(5)]
    until(no_jobs)
    assert [config["seed"] for config in configs()] == [0, 1, 2, 3, 4]
    assert Path("logs/4/log.stdout").exists()
    assert "%3" in Path("logs/1/array.sh").read_text()


def test_a_dry_run_shows_what_would_be_done_and_leaves_nothing():
    said = submitted("python main.py seed=1,2\n", "--dry-run")

    assert f"--- {Path.cwd()}/logs/2/script.sh" in said
    assert said.splitlines()[-1] == f"$ sbatch --parsable '{Path.cwd()}/logs/2/script.sh'"
    assert sorted(os.listdir()) == ["configs", "main.py", "train.sh"]
    submitted("python main.py seed=1,2\n", "--hold")
    assert Path("logs/2/script.sh").read_text() in said


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ("python main.py sed=1", "line 4: "),
        ("python main.py seed=$(nvidia-smi -L)", "line 4: the launch needs what a command in line 4 prints"),
        ("python main.py seed=$SLURM_ARRAY_TASK_ID", "line 4: the launch needs SLURM_ARRAY_TASK_ID"),
        ("timeout 9 python main.py", "line 4: 'timeout' runs python main.py"),
        ("python main.py | grep loss", "line 4: the output of the launch goes into a pipe"),
        ("if true; then", "line"),
        ("#SBATCH --array=1-3\npython main.py", "line 4: --array=1-3 cannot be served"),
        ("python nothere.py", "line 4: there is no script"),
        ("echo hi", "launches no task"),
    ],
)
def test_what_is_not_understood_is_refused_with_its_line_and_nothing_is_made(line, reason):
    done = mlxpsub(line + "\n")

    assert done.returncode == 1
    assert reason in done.stderr
    assert not os.path.exists("logs")
    assert no_jobs()


def test_the_task_is_warned_before_its_time_is_over_and_leaves_a_checkpoint():
    Path("configs/mlxp.yaml").write_text("warn_before: 60\n")
    submitted("python main.py kind=long\n")
    until(lambda: Path("logs/1/metrics/train.json").exists())

    # Slurm looks every half minute whether a job is to be warned.
    subprocess.run(["scontrol", "update", f"JobId={events(1)[2]['job_id']}", "EndTime=now+50"], check=True)
    until(no_jobs, seconds=100)

    assert ("warned" in words(1), "checkpoint" in words(1)) == (True, True)
    assert "SIGUSR1" in [event.get("signal") for event in events(1)]


SLOW_START = """
import os, sys, time
if "--recorded" in sys.argv:
    open(f"{os.getpid()}.pid", "w").close()
    while not os.path.exists("go"):
        time.sleep(0.1)
"""


@pytest.mark.parametrize(
    ("lines", "options"),
    [
        ("python main.py seed=1,2\n", []),
        ("python main.py seed=1,2\n", ["--array"]),
        ("python main.py seed=1,2\necho done > after.txt\n", []),
        ("srun python main.py seed=1,2\n", []),
        ("srun -n1 env A=1 python main.py seed=1,2 | tee out.txt\n", ["--array"]),
    ],
)
def test_a_warning_before_the_task_can_be_told_does_not_end_the_job(lines, options):
    Path("main.py").write_text(SLOW_START + MAIN)
    submitted(lines, *options)
    until(lambda: len(list(Path().glob("*.pid"))) == 2)

    for file in Path().glob("*.pid"):
        os.kill(int(file.stem), signal.SIGUSR1)
    Path("go").touch()

    until(no_jobs)
    assert list(mlxp.runs("logs")["info.status"]) == ["COMPLETE", "COMPLETE"]


@pytest.mark.parametrize("sent", [["--batch", "--signal=USR1"], []])
@pytest.mark.parametrize(
    "lines", ["set -e\npython main.py kind=long\necho after", "srun python main.py kind=long 2>&1 | tee out.txt"]
)
def test_a_task_that_is_told_to_leave_has_its_time_whoever_waits_for_it(lines, sent):
    slow = "print('saving', flush=True); time.sleep(1); logger.log_checkpoint(step + 1)"
    Path("main.py").write_text(MAIN.replace("logger.log_checkpoint(step + 1)", slow))
    submitted(lines)
    until(lambda: Path("logs/1/metrics/train.json").exists())

    subprocess.run(["scancel", *sent, events(1)[2]["job_id"]], check=True)
    until(no_jobs)

    assert words(1)[-2:] == ["checkpoint", "interrupted"]
    assert "saving" in Path("logs/1/log.stdout").read_text()


def test_a_requeued_job_goes_on_in_its_directory_as_one_curve():
    submitted("python main.py kind=long\n")
    job = events(1)[2]["job_id"]
    until(lambda: Path("logs/1/metrics/train.json").exists())

    subprocess.run(["scontrol", "requeue", job], check=True)
    until(lambda: Path("logs/1/metadata/events/2.jsonl").exists())
    until(lambda: len(mlxp.runs("logs")[0]["train.step"]) > 10)
    subprocess.run(["scancel", job], check=True)
    until(no_jobs)

    steps = mlxp.runs("logs")[0]["train.step"]
    assert steps == list(range(len(steps)))
    assert run_ids() == [1]


REFUSING = """#!/bin/bash
n=$(cat "$0.count" 2>/dev/null || echo 0)
echo $((n + 1)) > "$0.count"
[ "$n" != 2 ] || { echo "sbatch: error: Batch job submission failed: Unable to contact" >&2; exit 1; }
exec REAL "$@"
"""


def test_a_submission_that_fails_half_way_is_recorded_and_resumed_without_a_job_twice(tmp_path, monkeypatch):
    real = subprocess.run(["which", "sbatch"], capture_output=True, text=True, check=True).stdout.strip()
    (tmp_path / "bin").mkdir()
    (tmp_path / "bin/sbatch").write_text(REFUSING.replace("REAL", real))
    (tmp_path / "bin/sbatch").chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path / 'bin'}:{os.environ['PATH']}")

    done = mlxpsub("python main.py seed=1,2,3,4,5\n")

    assert done.returncode == 1
    assert "3 of 5 were not submitted: sbatch refused (status 1)" in done.stderr
    assert [words(run)[-1] for run in run_ids()] != ["submitted"] * 5
    assert [("submitted" in words(run)) for run in run_ids()] == [True, True, False, False, False]
    assert words(5)[-1] == "unsubmitted"

    resumed = subprocess.run(["mlxpsub", "--resume"], capture_output=True, text=True, check=False)

    assert resumed.returncode == 0, resumed.stderr
    assert len(resumed.stdout.splitlines()) == 3
    until(no_jobs)
    assert [config["seed"] for config in configs()] == [1, 2, 3, 4, 5]
    assert [words(run).count("started") for run in run_ids()] == [1, 1, 1, 1, 1]
    again = subprocess.run(["mlxpsub", "--resume"], capture_output=True, text=True, check=False)
    assert again.stdout == "nothing is left to submit in logs\n"


def test_what_was_refused_can_be_taken_up_elsewhere_or_thrown_away():
    Path("configs/mlxp.yaml").write_text("logger: {parent_log_dir: ./my logs}\n")

    done = mlxpsub("python main.py seed=1,2\n", header="#!/bin/bash\n#SBATCH --partition=nothere\n")

    assert done.returncode == 1
    where = Path.cwd() / "my logs"
    assert f"`mlxpsub --resume '{where}'` goes on with their scripts as they are" in done.stderr
    assert mlxp_command("rm", "my logs", "1:2", "--yes").returncode == 0
    assert not (where / "1").exists()


def test_nothing_is_made_where_nobody_can_submit():
    Path("configs/mlxp.yaml").write_text(
        "scheduler: {name: far, like: slurm, directive: '#FAR', submit: [far-sbatch]}\n"
    )

    done = mlxpsub("python main.py\n", header=HEADER.replace("#SBATCH", "#FAR"))

    assert "error: there is no far-sbatch on PATH: submit where far is; --dry-run shows" in done.stderr
    assert not os.path.exists("logs")


def test_a_submission_that_was_killed_before_it_was_recorded_is_found_at_the_scheduler():
    submitted("python main.py kind=wait\n", "--hold")
    file = Path("logs/1/metadata/events/0.jsonl")
    file.write_text("".join(line for line in file.open() if '"submitted"' not in line))

    resumed = subprocess.run(["mlxpsub", "--resume"], capture_output=True, text=True, check=False)

    assert resumed.stdout == "nothing is left to submit in logs\n"
    assert words(1) == ["created", "submitting", "submitted"]


def test_a_job_runs_even_where_the_settings_want_a_scheduler():
    Path("configs/mlxp.yaml").write_text("use_scheduler: true\nuse_logger: false\n")

    done = mlxpsub("python main.py --jobs 2\n")
    until(no_jobs)

    assert "note: line 4: use_logger=false is overruled" in done.stderr
    assert "note: line 4: --jobs has no effect: each run is a job, and the scheduler runs them" in done.stderr
    assert (run_ids(), words(1)[-1]) == ([1], "completed")
    here = subprocess.run(["python", "main.py"], capture_output=True, text=True, check=False)
    assert "submit it with `mlxpsub SCRIPT`" in here.stderr


def test_the_states_of_jobs_are_read_and_jobs_are_cancelled_and_submitted_again():
    submitted("python main.py kind=long seed=1,2\n", "--hold")
    first = events(1)[2]["job_id"]
    listed = mlxp_command("ls", "1", "--columns", "id,status,job,state,reason").stdout.splitlines()
    assert listed[1].split() == ["1", "STARTING", first, "held", "JobHeldUser"]

    tried = mlxp_command("cancel", "1:2", "--dry-run")
    assert [line.split(maxsplit=2)[::2] for line in tried.stdout.splitlines()[1:]] == [
        [str(run), f"{os.getcwd()}/logs/{run}"] for run in (1, 2)
    ]
    assert (tried.returncode, tried.stderr) == (0, "nothing was cancelled: --dry-run\n")
    assert list(mlxp.runs("logs")["info.status"]) == ["STARTING", "STARTING"]
    said = mlxp_command("cancel", "-q", "config.seed == 1", "--json").stdout
    assert json.loads(said) == [{"id": 1, "job": first, "run": f"{os.getcwd()}/logs/1"}]
    assert list(mlxp.runs("logs")["info.status"]) == ["INTERRUPTED", "STARTING"]
    refused = mlxp_command("resubmit", "-q", "config.seed == 2")
    assert "run 2 is STARTING; cancel it first" in refused.stderr

    assert mlxp_command("resubmit", "-q", "config.seed == 1").returncode == 0
    until(lambda: Path("logs/1/metrics/train.json").exists())
    running = mlxp_command("ls", "-q", "info.status == 'RUNNING'").stdout
    again = events(1)[words(1).index("started")]
    assert running.splitlines()[1].split()[:4] == [
        "1", "RUNNING", again["environment"]["scheduler"]["scheduler_job_id"], "running",
    ]  # fmt: skip
    mlxp_command("cancel", "-q", "config.kind == 'long'")
    until(no_jobs)
    assert list(mlxp.runs("logs")["info.status"]) == ["INTERRUPTED", "INTERRUPTED"]

    assert mlxp_command("resubmit", "-q", "config.seed == 1").returncode == 0
    until(lambda: "started" in words(1)[-1:])
    assert json.loads(Path("logs/1/metadata/events/2.jsonl").read_text().splitlines()[0])["attempt"] == 2


def test_a_job_that_was_killed_before_its_run_began_is_told_from_one_that_waits():
    submitted("python main.py seed=1\n", "--hold")
    subprocess.run(["scancel", events(1)[2]["job_id"]], check=True)
    until(no_jobs)

    said = mlxp_command("ls").stdout.splitlines()[1].split()

    assert said[:4] == ["1", "INTERRUPTED", events(1)[2]["job_id"], "cancelled"]


def test_srun_modules_and_prefixes_are_launched_as_they_are_written():
    Path("pkg").mkdir()
    Path("pkg/__init__.py").touch()
    Path("pkg/train.py").write_text(MAIN.replace("@mlxp.launch()", '@mlxp.launch(config_path="../configs")'))
    submitted("""
        srun --ntasks=1 python -u -m pkg.train seed=1 +mlxp.logger.parent_log_dir=../logs
        srun -n2 python main.py +mlxp.rank_variable=SLURM_PROCID seed=2
        """, header="#!/bin/bash\n#SBATCH --ntasks=2\n")  # fmt: skip

    until(no_jobs)

    assert [config["seed"] for config in configs()] == [1, 2]
    assert list(mlxp.runs("logs")["info.status"]) == ["COMPLETE", "COMPLETE"]
