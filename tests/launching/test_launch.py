"""A script that launches itself, as a user runs it: in a process of its own."""

import json
import os
import subprocess
import sys
import textwrap

import pytest
import yaml

MAIN = """
    import mlxp_fn as mlxp

    def set_seeds(seed):
        print("seed", seed)

    @mlxp.launch(config_path="./configs", seeding_function=set_seeds)
    def task_function(ctx: mlxp.Context) -> None:
        config, logger = ctx.config, ctx.logger
        print(config)
        if config.seed == 13:
            raise ValueError("unlucky")
        logger.log_metrics({"loss": config.optimizer.lr, "iter": 0}, log_name="train")
        return config.seed * 2

    if __name__ == "__main__":
        task_function()
"""
CONFIG = "seed: 0\noptimizer: {lr: 1.0}\n"


@pytest.fixture
def project(tmp_path):
    (tmp_path / "configs").mkdir()
    (tmp_path / "configs/config.yaml").write_text(CONFIG)
    (tmp_path / "main.py").write_text(textwrap.dedent(MAIN))
    return tmp_path


def main(project, *arguments, cwd=None, **environment):
    return subprocess.run(
        [sys.executable, str(project / "main.py"), *arguments],
        cwd=cwd or project,
        capture_output=True,
        text=True,
        env={**os.environ, **environment},
    )


def metadata(project, run, name):
    return yaml.safe_load((project / f"logs/{run}/metadata/{name}.yaml").read_text())


def test_one_run_has_one_directory_with_config_metrics_and_status(project):
    done = main(project)

    assert done.returncode == 0, done.stderr
    assert metadata(project, 1, "config") == {"seed": 0, "optimizer": {"lr": 1.0}}
    assert metadata(project, 1, "info")["status"] == "COMPLETE"
    assert json.loads((project / "logs/1/metrics/train.json").read_text()) == {"loss": 1.0, "iter": 0}


def test_commas_sweep_with_the_last_key_varying_fastest(project):
    done = main(project, "seed=1,2", "optimizer.lr=1e-2,1e-3")

    assert done.returncode == 0, done.stderr
    configs = [metadata(project, run, "config") for run in (1, 2, 3, 4)]
    assert [(config["seed"], config["optimizer"]["lr"]) for config in configs] == [
        (1, 0.01),
        (1, 0.001),
        (2, 0.01),
        (2, 0.001),
    ]


def test_directories_lie_beside_the_script_wherever_it_is_started(project, tmp_path_factory):
    done = main(project, cwd=tmp_path_factory.mktemp("elsewhere"))

    assert done.returncode == 0, done.stderr
    assert (project / "logs/1").is_dir()


def test_config_files_may_be_absent(project):
    (project / "configs/config.yaml").unlink()
    (project / "configs").rmdir()

    done = main(project, "+seed=3", "+optimizer.lr=2")

    assert done.returncode == 0, done.stderr
    assert metadata(project, 1, "config") == {"seed": 3, "optimizer": {"lr": 2}}


def test_the_seeding_function_gets_the_seed(project):
    assert "seed 7" in main(project, "seed=7").stdout


def test_a_missing_seed_is_a_clear_error_and_makes_no_run(project):
    done = main(project, "~seed")

    assert done.returncode == 1
    assert "needs a key 'seed'" in done.stderr
    assert "Traceback" not in done.stderr
    assert not (project / "logs").exists()


def test_a_failing_run_does_not_stop_its_sweep(project):
    done = main(project, "seed=1,13,2")

    assert done.returncode == 1
    assert [metadata(project, run, "info")["status"] for run in (1, 2, 3)] == [
        "COMPLETE",
        "FAILED",
        "COMPLETE",
    ]
    assert done.stderr.strip().splitlines()[-1] == "1 of 3 runs failed: 2"


def test_the_traceback_of_the_task_is_shown_without_frames_of_the_library(project):
    done = main(project, "seed=13")

    assert 'raise ValueError("unlucky")' in done.stderr
    assert "ValueError: unlucky" in done.stderr
    assert "mlxp_fn" not in done.stderr.replace(str(project), "")
    error = metadata(project, 1, "info")["error"]
    assert error == {"type": "ValueError", "message": "unlucky"}


def test_fail_fast_stops_the_sweep(project):
    done = main(project, "seed=1,13,2", "+mlxp.fail_fast=true")

    assert done.returncode == 1
    assert sorted(os.listdir(project / "logs")) == [".mlxp_fn", "1", "2"]


def test_settings_come_from_their_file_and_the_command_line_overrides_them(project):
    (project / "configs/mlxp.yaml").write_text("logger: {parent_log_dir: ./here}\n")

    main(project)
    main(project, "+mlxp.logger.parent_log_dir=./there")

    assert (project / "here/1").is_dir()
    assert (project / "there/1").is_dir()
    assert (
        yaml.safe_load((project / "there/1/metadata/mlxp.yaml").read_text())["logger"]["parent_log_dir"]
        == "./there"
    )


@pytest.mark.parametrize(
    ("override", "message"),
    [
        ("+mlxp.use_loger=true", "unknown setting mlxp.use_loger; did you mean 'use_logger'?"),
        ("+mlxp.logger.parent=x", "unknown setting mlxp.logger.parent"),
        ("+mlxp.use_logger=7", "mlxp.use_logger: 7 is not of type bool"),
        ("sed=3", "sed"),
        ("seed=[1", "seed=[1"),
    ],
)
def test_wrong_input_is_one_clear_error_and_no_run(project, override, message):
    done = main(project, override)

    assert done.returncode == 1
    assert done.stderr.startswith("error: ")
    assert message in done.stderr
    assert "Traceback" not in done.stderr
    assert not (project / "logs").exists()


@pytest.mark.parametrize("variable", ["MLXP_FULL_ERROR", "HYDRA_FULL_ERROR"])
def test_a_variable_shows_the_whole_traceback(project, variable):
    assert "Traceback" in main(project, "sed=3", **{variable: "1"}).stderr


def test_without_the_logger_nothing_is_written(project):
    (project / "main.py").write_text(
        textwrap.dedent(MAIN).replace("logger.log_metrics", "assert logger is None #").replace("log_name", "#")
    )

    done = main(project, "+mlxp.use_logger=false")

    assert done.returncode == 0, done.stderr
    assert not (project / "logs").exists()


def test_a_typo_in_the_last_value_stops_the_sweep_before_it_begins(project):
    done = main(project, "seed=1,2,'${nowhere}'")

    assert done.returncode == 1
    assert not (project / "logs").exists()


def test_a_forced_id_goes_on_with_the_run_as_a_new_attempt(project):
    main(project)
    done = main(project, "+mlxp.logger.forced_log_id=1")

    assert done.returncode == 0, done.stderr
    assert metadata(project, 1, "info")["attempt"] == 2
    assert len((project / "logs/1/metrics/train.json").read_text().splitlines()) == 2


def test_a_forced_id_of_a_run_with_another_config_is_refused(project):
    main(project)
    done = main(project, "optimizer.lr=3", "+mlxp.logger.forced_log_id=1")

    assert done.returncode == 1
    assert "run 1 was created with another config (optimizer.lr)" in done.stderr


def test_the_task_may_be_given_mlxps_mutable_dict(project):
    main_py = (project / "main.py").read_text()
    (project / "main.py").write_text(main_py.replace("print(config)", "config.optimizer.lr = 5; print(config)"))

    frozen = main(project)
    mutable = main(project, "+mlxp.as_ConfigDict=true")

    assert "evolve" in frozen.stderr
    assert mutable.returncode == 0, mutable.stderr
    assert json.loads((project / "logs/2/metrics/train.json").read_text())["loss"] == 5
