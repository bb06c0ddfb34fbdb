"""Log directories both ways: MLXP 0.2.7, 1.0.1 and 1.0.5 wrote them and we read, and MLXP 1.0.5 reads ours.

MLXP_LONG_TESTS=1 fetches the older packages from the index and lets them write anew; what they wrote is recorded
here, and read always.
"""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

ASK = """
import contextlib, json, sys

with contextlib.redirect_stdout(sys.stderr):
    import mlxp

    def last_mean(curves):
        return sum(curve[-1] for curve in curves) / len(curves)

    reader = mlxp.Reader(sys.argv[1])
    frame = reader.filter()
    by_id = {row["info.logger.log_id"]: row for row in frame}
    groups = reader.filter("config.seed in [1, 2]").groupby("config.lr")
    table = groups.aggregate((last_mean, "train.loss"), ungroup=True)
    columns = [key for key in frame.keys() if not key.startswith("artifact")]
    queries = (
        "info.status == 'COMPLETE'",
        "config.lr < 0.15 & ~(config.seed == 1)",
        "config.name == 'sgd-2'",
        "config.seed in [1,3] | config.optimizer.momentum >= 1.",
        "info.process_id > 0",
    )
    answers = {
        "fields": dict(reader.fields["Type"].items()),
        "searchable": sorted(reader.searchable.index),
        "rows": {
            key: {name: row[name] for name in columns if name in row.keys()} for key, row in sorted(by_id.items())
        },
        "queries": {
            query: sorted(row["info.logger.log_id"] for row in reader.filter(query)) for query in queries
        },
        "groups": sorted(
            [list(key), [row["info.logger.log_id"] for row in group]] for key, group in groups.items()
        ),
        "aggregates": sorted([row["config.lr"], row["flast_mean.train.loss"]] for row in table),
        "diff": sorted(frame.diff()),
    }
json.dump(answers, sys.stdout)
"""

MAIN = """
import mlxp


@mlxp.launch(config_path="./configs")
def main(ctx: mlxp.Context):
    config = ctx.config
    for step in range(3):
        ctx.logger.log_metrics({"loss": config.lr / (step + 1), "iter": step}, log_name="train")
    ctx.logger.log_metrics({"acc": config.seed / 10}, log_name="test")
    ctx.logger.log_checkpoint({"lr": config.lr})
    if config.seed == 3:
        raise ValueError("no")


if __name__ == "__main__":
    main()
"""
CONFIG = """
seed: 0
lr: 0.1
name: ${optimizer.name}-${seed}
layers: [1, 2]
empty: null
optimizer: {name: sgd, momentum: 0.9}
"""
COMMAND_LINES = (["seed=1,2", "lr=0.1,0.2"], ["seed=3"])
RUNS = {1: (1, 0.1), 2: (1, 0.2), 3: (2, 0.1), 4: (2, 0.2), 5: (3, 0.1)}
"""What these make: seed and rate by id."""

OURS = {"info.digest", "info.recorded_status"}
"""Columns that our reader has beside those in MLXP's files."""


def asked(python, logs):
    """What a reader answers, that of the `mlxp` which `python` finds."""
    done = subprocess.run([*python, "-c", ASK, str(logs)], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


COMPAT = [sys.executable, "-m", "mlxp_fn.compat"]


def without_ours(answers):
    """The answers but for what MLXP has no column for; of 0.2.7 it does not see the artifacts."""
    hidden = {*OURS, "artifact.Checkpoint."}
    return {
        **answers,
        "fields": {name: kind for name, kind in answers["fields"].items() if name not in hidden},
        "searchable": [name for name in answers["searchable"] if name not in hidden],
        "rows": {
            key: {name: value for name, value in row.items() if name not in hidden}
            for key, row in answers["rows"].items()
        },
    }


def check(answers):
    """What is known of the runs, whoever wrote them and whoever reads."""
    rows = answers["rows"]
    assert {int(key): (row["config.seed"], row["config.lr"]) for key, row in rows.items()} == RUNS
    assert rows["3"]["config.name"] == "sgd-2"
    assert rows["3"]["train.loss"] == [0.1, 0.05, 0.1 / 3]
    assert (rows["3"]["test.acc"], rows["3"]["train.iter"]) == ([0.2], [0, 1, 2])
    assert [row["info.status"] for row in rows.values()] == ["COMPLETE"] * 4 + ["FAILED"]
    assert list(answers["queries"].values()) == [[1, 2, 3, 4], [3, 5], [3, 4], [1, 2, 5], [1, 2, 3, 4, 5]]
    assert answers["groups"] == [[[0.1], [1, 3]], [[0.2], [2, 4]]]
    assert answers["aggregates"] == [[0.1, 0.1 / 3], [0.2, 0.2 / 3]]
    assert answers["diff"] == ["config.lr", "config.name", "config.seed"]
    assert answers["fields"]["train.loss"] == "METRIC"
    assert answers["fields"]["config.lr"] == "<class 'float'>"


def recorded(version):
    """A log directory as that version writes it."""
    for log_id, (seed, lr) in RUNS.items():
        run_dir = Path("logs", str(log_id))
        status = "FAILED" if seed == 3 else "COMPLETE"
        metrics = {
            "metrics/train.json": "".join(
                json.dumps({"loss": lr / (step + 1), "iter": step}) + "\n" for step in range(3)
            ),
            "metrics/test.json": json.dumps({"acc": seed / 10}) + "\n",
            "metrics/.keys/train.yaml": "iter: ''\nloss: ''\n",
            "metrics/.keys/test.yaml": "acc: ''\n",
        }
        layout = OLD if version == "0.2.7" else NEW
        for name, text in {**metrics, **layout}.items():
            path = run_dir / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text.format(id=log_id, seed=seed, lr=lr, status=status) if name in layout else text)
    return Path("logs")


OLD = {
    "metadata/config.yaml": "empty: null\nlayers:\n- 1\n- 2\nlr: {lr}\nname: sgd-{seed}\noptimizer:\n"
    "  momentum: 0.9\n  name: sgd\nseed: {seed}\n",
    "metadata/info.yaml": """current_file_path: /home/me/main.py
end_date: 25/11/2026
end_time: 03:44:13
executable: /usr/bin/python
hostname: node
logger:
  artifacts_dir: /home/me/logs/{id}/artifacts
  log_dir: /home/me/logs/{id}
  log_id: {id}
  metadata_dir: /home/me/logs/{id}/metadata
  metrics_dir: /home/me/logs/{id}/metrics
process_id: 15275
scheduler: null
start_date: 25/11/2026
start_time: 03:44:13
status: {status}
version_manager: null
work_dir: /home/me
""",
    "metadata/mlxp.yaml": """interactive_mode: true
logger:
  forced_log_id: -1
  log_streams_to_file: false
  name: DefaultLogger
  parent_log_dir: /home/me/./logs
scheduler:
  cleanup_cmd: ''
  env_cmd: ''
  name: NoScheduler
  option_cmd: []
  shell_config_cmd: ''
  shell_path: /bin/bash
use_logger: true
use_scheduler: false
use_version_manager: false
version_manager:
  compute_requirements: false
  name: GitVM
  parent_work_dir: /home/me/./.work_dir
""",
    "artifacts/Checkpoint/checkpoint.pkl": "no pickle",
}
NEW = {
    "metadata/config.yaml": "seed: {seed}\nlr: {lr}\nname: sgd-{seed}\nlayers:\n- 1\n- 2\nempty: null\noptimizer:\n"
    "  name: sgd\n  momentum: 0.9\n",
    "metadata/info.yaml": """status: {status}
current_file_path: /home/me/main.py
executable: /usr/bin/python
hostname: node
process_id: 15628
start_date: 25/11/2026
start_time: 03:44:23
end_date: 25/11/2026
end_time: 03:44:23
work_dir: /home/me
logger:
  log_id: {id}
  log_dir: /home/me/logs/{id}
  metrics_dir: /home/me/logs/{id}/metrics
  metadata_dir: /home/me/logs/{id}/metadata
  artifacts_dir: /home/me/logs/{id}/artifacts
scheduler: null
version_manager: null
""",
    "artifacts/pickle/checkpoint": "no pickle",
    "artifacts/.keys/artifacts.yaml": "pickle:\n  '':\n    checkpoint: ''\n",
}


@pytest.fixture
def project(written):
    written({"main.py": MAIN, "configs/config.yaml": CONFIG})


def launched(python, *more, env=None):
    """The log directory of the runs that a script made; its last one fails."""
    for arguments in COMMAND_LINES:
        subprocess.run([*python, "main.py", *arguments, *more], capture_output=True, env=env, check=False)
    return Path("logs")


@pytest.mark.parametrize("version", ["0.2.7", "1.0.5"])
def test_we_read_what_mlxp_has_written_and_change_nothing_in_it(version):
    logs = recorded(version)
    before = {path: path.read_bytes() for path in sorted(logs.rglob("*")) if path.is_file()}

    answers = asked(COMPAT, logs)

    check(answers)
    assert answers["rows"]["1"]["info.start_date"] == "25/11/2026"
    assert {path: path.read_bytes() for path in sorted(logs.rglob("*")) if path.is_file()} == before


@pytest.mark.parametrize("version", ["0.2.7", "1.0.5"])
def test_we_read_mlxps_directories_as_mlxp_does(version, oracle):
    logs = recorded(version)

    theirs = asked([oracle], logs)
    for key, row in theirs["rows"].items():  # MLXP shows where the run once lay, we where it lies
        row["info.logger.log_dir"] = str((logs / key).absolute())
    assert without_ours(asked(COMPAT, logs)) == theirs


def test_mlxp_reads_our_directories_as_we_do(project, oracle):
    logs = launched(COMPAT)
    ours = asked(COMPAT, logs)

    check(ours)
    assert without_ours(ours) == asked([oracle], logs)


def test_we_read_what_mlxp_writes_now(project, oracle):
    logs = launched([oracle])
    ours = asked(COMPAT, logs)

    check(ours)
    assert without_ours(ours) == asked([oracle], logs)


@pytest.mark.skipif(os.environ.get("MLXP_LONG_TESTS") != "1", reason="MLXP_LONG_TESTS=1 fetches older packages")
@pytest.mark.parametrize("version", ["0.2.7", "1.0.1"])
def test_we_read_what_the_older_packages_write_now(version, project, oracle, older):
    # 1.0.1 fails without an override of its settings.
    logs = launched([oracle], "+mlxp.use_logger=true", env={**os.environ, "PYTHONPATH": str(older(version))})
    ours = asked(COMPAT, logs)

    check(ours)
    assert without_ours(ours) == asked([oracle], logs)


HOLDING_ALL = """
import mlxp


@mlxp.launch()
def main(ctx):
    if ctx.config.get("of"):
        state = ctx.logger.load_checkpoint("pickle/checkpoint", root=ctx.config.of)
        state["logger"].log_metrics({"seed": state["config"].seed}, "again")
        print(type(state["config"]).__name__, state["logger"].log_id)
    else:
        ctx.logger.log_checkpoint({"config": ctx.config, "logger": ctx.logger})


main()
"""


def test_a_checkpoint_of_mlxps_that_holds_logger_and_config_is_loaded_and_logs_here(written, compat, oracle):
    written({"main.py": HOLDING_ALL, "configs/config.yaml": "seed: 3\nof: null\n"})
    subprocess.run([oracle, "main.py"], capture_output=True, check=True)

    done = compat("main.py", f"of={Path('logs/1/artifacts').absolute()}")

    assert done.stdout == "ConfigDict 2\n"
    assert json.loads(Path("logs/2/metrics/again.json").read_text()) == {"seed": 3}
    assert not Path("logs/1/metrics/again.json").exists()
