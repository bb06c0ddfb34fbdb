"""The flags of a launched script, as a user types them."""

import os
import subprocess
import sys

import pytest

MAIN = '''
import mlxp_fn as mlxp

@mlxp.launch(config_path="configs")
def train(ctx):
    """Train a network."""
    if ctx.config.seed == 13:
        raise ValueError("unlucky")

if __name__ == "__main__":
    train()
'''
FILES = {
    "main.py": MAIN,
    "configs/config.yaml": "defaults: [db: pg, _self_]\nseed: 0\nlr: 0.1\nhalf: ${lr}\n",
    "configs/other.yaml": "seed: 5\n",
    "configs/db/pg.yaml": "host: here\n",
    "configs/db/my.yaml": "host: there\n",
    "more/db/lite.yaml": "host: nowhere\n",
}


@pytest.fixture
def project(tmp_path):
    for name, text in FILES.items():
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    return tmp_path


def main(project, *arguments):
    return subprocess.run(
        [sys.executable, "main.py", *arguments], cwd=project, capture_output=True, text=True, check=False
    )


def shown(project, *arguments):
    done = main(project, *arguments)
    assert done.returncode == 0, done.stderr
    assert not (project / "logs").exists()
    return done.stdout


def runs(project):
    return sorted(int(name) for name in os.listdir(project / "logs") if name.isdigit())


def test_cfg_shows_the_config_with_its_interpolations(project):
    assert shown(project, "--cfg", "job", "lr=1") == "db:\n  host: here\nseed: 0\nlr: 1\nhalf: ${lr}\n"


def test_cfg_shows_values_when_asked_to_resolve(project):
    assert shown(project, "-c", "job", "--resolve").endswith("half: 0.1\n")


def test_cfg_shows_one_part(project):
    assert shown(project, "--cfg=job", "-p", "db") == "# @package db\nhost: here\n"


def test_cfg_shows_the_settings(project):
    text = shown(project, "--cfg", "mlxp", "+mlxp.logger.parent_log_dir=elsewhere")

    assert text.startswith("mlxp:\n  logger:\n    name: mlxp.DefaultLogger\n    parent_log_dir: elsewhere\n")


def test_cfg_shows_all(project):
    text = shown(project, "--cfg", "all")

    assert text.startswith("mlxp:\n")
    assert text.endswith("half: ${lr}\n")


def test_info_shows_the_defaults(project):
    assert shown(project, "--info", "defaults-tree").endswith("config\n  db/pg\n")
    assert "db/pg   db\nconfig  _global_" in shown(project, "-i", "defaults")


def test_help_shows_the_purpose_the_groups_and_the_config(project):
    text = shown(project, "--help")

    assert text.startswith("Train a network.\n")
    assert "  db: my, pg\n" in text
    assert "    host: here\n" in text


def test_version_is_shown(project):
    assert shown(project, "--version").startswith("mlxp_fn ")


def test_a_dry_run_lists_the_jobs_and_runs_none(project):
    assert shown(project, "--dry-run", "-m", "seed=1,2", "db=pg,my") == (
        "#0  seed=1 db=pg\n#1  seed=1 db=my\n#2  seed=2 db=pg\n#3  seed=2 db=my\n"
    )


def test_another_primary_config_can_be_named(project):
    assert shown(project, "-cn", "other", "--cfg", "job") == "seed: 5\n"


def test_a_further_directory_of_configs_can_be_given(project):
    assert "nowhere" in shown(project, "--config-dir", "more", "db=lite", "--cfg", "job")


def test_another_config_directory_can_be_given(project):
    assert "nowhere" in shown(project, "--config-path", "more", "+db=lite", "--cfg", "job")


def test_only_what_is_missing_is_run(project):
    main(project, "seed=1,2")

    done = main(project, "seed=1,2,3", "--only", "missing")

    assert done.returncode == 0, done.stderr
    assert runs(project) == [1, 2, 3]
    assert (project / "logs/3/metadata/config.yaml").read_text().splitlines()[2] == "seed: 3"


def test_only_what_failed_is_run_again(project):
    main(project, "seed=1,13")

    listed = main(project, "seed=1,13,14", "--only", "failed", "--dry-run").stdout

    assert listed == "#0  seed=13\n"


def test_nothing_left_to_run_is_said(project):
    main(project, "seed=1")

    done = main(project, "seed=1", "--only", "missing,failed")

    assert (done.returncode, done.stderr) == (0, "there are no jobs to run\n")
    assert runs(project) == [1]


@pytest.mark.parametrize(
    ("arguments", "status", "message"),
    [
        (["--bogus"], 2, "there is no flag '--bogus'"),
        (["--jobs", "0"], 2, "a number from 1"),
        (["--cfg", "hydra"], 2, "--cfg mlxp shows the settings"),
        (["--resolve"], 2, "add --cfg job"),
        (["--cfg", "job", "-p", "nope"], 1, "no part 'nope'"),
        (["--cfg", "job", "seed=1,2"], 1, "seed=1,2 stands for several values"),
        (["-cn", "nowhere"], 1, "nowhere"),
        (["--config-dir", "nowhere"], 1, "the config directory 'nowhere' is not there"),
        (["lrr=3"], 1, "did you mean lr?"),
        (["db=lite"], 1, "the options of db are my, pg"),
    ],
)
def test_what_cannot_be_done_is_said_in_one_line_and_nothing_is_run(project, arguments, status, message):
    done = main(project, *arguments)

    assert done.returncode == status
    assert done.stderr.startswith("error: ")
    assert message in done.stderr
    assert "Traceback" not in done.stderr
    assert not (project / "logs").exists()


@pytest.mark.parametrize(
    ("override", "instead"),
    [
        ("hydra/launcher=joblib", "hydra/launcher"),
        ("+hydra.callbacks.x._target_=y", "hydra.callbacks has no effect here; call it in the task"),
        ("+hydra.sweeper.params.seed=1", "hydra.sweeper has no effect here"),
        ("+hydra.job.env_set.A=1", "set the variables where the script is started"),
        ("hydra.job.chdir=true", "change the directory in the task"),
    ],
)
def test_what_only_hydra_does_is_refused_with_the_way_to_do_it_here(project, override, instead):
    done = main(project, override)

    assert done.returncode == 1
    assert instead in done.stderr
    assert not (project / "logs").exists()
