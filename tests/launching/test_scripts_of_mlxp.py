"""Scripts and settings that were written for MLXP 1.0.5, with `import mlxp_fn as mlxp`."""

import subprocess
import sys
from pathlib import Path

import pytest
import yaml
from omegaconf import OmegaConf

import mlxp_fn as mlxp
from mlxp_fn.errors import FrozenConfigError


@pytest.fixture(autouse=True)
def _here(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "configs").mkdir()


def script(body, name="main.py"):
    Path(name).write_text(f"import mlxp_fn as mlxp\n@mlxp.launch()\ndef task(ctx):\n    {body}\n\n")
    return Path(name)


def output(code, *arguments):
    file = Path("main.py")
    file.write_text(file.read_text() + code)
    done = subprocess.run([sys.executable, file, *arguments], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout


def metadata(run, name="config"):
    return yaml.safe_load(Path(f"logs/{run}/metadata/{name}.yaml").read_text())


def test_errors_and_modules_are_attributes_before_anything_was_used():
    code = "import mlxp_fn as mlxp; print(mlxp.errors.InvalidMapError.__name__, mlxp.launcher.instantiate.__name__)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)

    assert done.stdout == "InvalidMapError instantiate\n"


@pytest.mark.parametrize(
    ("name", "base"),
    [
        ("JobSubmissionError", RuntimeError),
        ("InvalidKeyError", KeyError),
        ("MissingFieldError", KeyError),
        ("InvalidArtifactError", ValueError),
        ("InvalidMapError", ValueError),
        ("InvalidShellPathError", RuntimeError),
        ("UnknownSystemError", RuntimeError),
        ("InvalidSchedulerError", RuntimeError),
        ("InvalidConfigFileError", ValueError),
    ],
)
def test_every_error_of_mlxp_can_be_caught_by_its_name(name, base):
    error = getattr(mlxp.errors, name)

    assert issubclass(error, mlxp.MlxpError)
    assert issubclass(error, base)


def test_objects_are_made_from_names_and_arguments():
    made = mlxp.instance_from_dict("fractions.Fraction", {"numerator": 1, "denominator": 3})

    assert str(made) == "1/3"
    assert mlxp.instantiate("os.path.join")("a", "b") == "a/b"


@pytest.mark.parametrize(
    ("name", "error"), [("no_such_module.X", ImportError), ("os.no_such", AttributeError), ("Bare", ImportError)]
)
def test_a_name_that_leads_nowhere_is_the_error_that_mlxp_raises(name, error):
    with pytest.raises(error):
        mlxp.instantiate(name)


def test_a_task_that_is_called_with_a_config_runs_once_with_it_alone():
    Path("configs/config.yaml").write_text("seed: 1\nfrom_file: true\n")
    Path("configs/mlxp.yaml").write_text("as_ConfigDict: true\n")
    script("ctx.config.layers.append(3); print(ctx.config.to_dict())")

    shown = output(
        "from omegaconf import OmegaConf\n"
        "task(OmegaConf.create({'seed': 7, 'layers': [1, {'width': '${seed}'}]}))\n"
        "print(task({'seed': 8, 'layers': []}).id)\n"
    )

    assert shown.splitlines() == [
        "{'seed': 7, 'layers': [1, {'width': 7}, 3]}",
        "{'seed': 8, 'layers': [3]}",
        "2",
    ]
    assert metadata(1) == {"seed": 7, "layers": [1, {"width": 7}]}


def test_a_config_may_bring_settings_and_a_failure_is_raised():
    @mlxp.launch()
    def task(ctx):
        raise ValueError(ctx.config.seed)

    with pytest.raises(ValueError, match="7"):
        task({"seed": 7, "mlxp": {"logger": {"parent_log_dir": str(Path("elsewhere").absolute())}}})

    assert yaml.safe_load(Path("elsewhere/1/metadata/info.yaml").read_text())["status"] == "FAILED"


def test_omegaconfs_lists_are_lists_in_a_config():
    assert mlxp.Config(OmegaConf.create({"a": [1, [2]]})) == {"a": [1, [2]]}


def test_writing_into_a_config_names_the_setting_that_allows_it():
    with pytest.raises(FrozenConfigError, match="as_ConfigDict: true"):
        mlxp.Config({"lr": 1}).lr = 2


def test_mlxps_mutable_config_is_shown_as_mlxp_shows_it():
    assert repr(mlxp.ConfigDict({"b": [1, {"c": 2}], "a": {"x": None}})) == "a:\n  x: null\nb:\n- 1\n- c: 2\n"


def test_settings_in_their_older_form_are_honoured():
    Path("configs/mlxp.yaml").write_text(
        """
logger: {name: DefaultLogger, parent_log_dir: ./runs, forced_log_id: -1}
version_manager: {name: GitVM, parent_work_dir: ./.work_dir}
scheduler: {name: NoScheduler, shell_path: /bin/bash, shell_config_cmd: '', env_cmd: '', option_cmd: []}
use_version_manager: false
use_scheduler: false
use_logger: true
interactive_mode: false
"""
    )
    script("print(ctx.logger.log_dir)")

    assert output("task()").strip() == str(Path("runs/1").absolute())


@pytest.mark.parametrize(
    ("name", "command"), [("LSFScheduler", "bsub < script.sh"), ("'#MSUB'", "msub ./script.sh")]
)
def test_a_scheduler_that_mlxp_names_is_submitted_to(name, command):
    Path("configs/mlxp.yaml").write_text(f"use_scheduler: true\nscheduler: {{name: {name}}}\n")
    script("pass")
    Path("main.py").write_text(Path("main.py").read_text() + "task()\n")
    Path("script.sh").write_text(f"#!/bin/bash\n{sys.executable} main.py\n")

    mlxpsub = [sys.executable, "-c", "from mlxp_fn.cli.mlxpsub import main; main()"]
    done = subprocess.run([*mlxpsub, "script.sh", "--dry-run"], capture_output=True, text=True, check=False)

    assert done.stdout.endswith(f"&& {command}\n"), done.stderr


def test_what_mlxps_scheduler_block_says_in_vain_is_named_once_and_its_scheduler_is_taken():
    Path("configs/mlxp.yaml").write_text(
        "scheduler: {name: SLURMScheduler, shell_path: /bin/sh, env_cmd: conda activate x, cleanup_cmd: ''}\n"
    )
    script("pass")
    Path("main.py").write_text(Path("main.py").read_text() + "task()\n")
    lines = ("#!/bin/bash", f"{sys.executable} main.py +seed=1", f"{sys.executable} main.py +seed=2", "")
    Path("script.sh").write_text("\n".join(lines))

    mlxpsub = [sys.executable, "-c", "from mlxp_fn.cli.mlxpsub import main; main()"]
    done = subprocess.run([*mlxpsub, "script.sh", "--dry-run"], capture_output=True, text=True, check=False)

    assert done.returncode == 0, done.stderr
    assert done.stderr.count("mlxp.scheduler: shell_path, env_cmd have no effect") == 1
    assert "sbatch" in done.stdout
