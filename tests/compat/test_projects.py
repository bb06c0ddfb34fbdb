"""Two projects as they were published: with everything in them that a stricter library would stumble over."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

import mlxp_fn as mlxp

TRAINERS = {
    "main.py": """
    import mlxp
    from core.trainer import Trainer


    @mlxp.launch(config_path="./configs")
    def train(ctx: mlxp.Context) -> None:
        try:
            trainer = ctx.logger.load_checkpoint()
            print("resumed at", trainer.step)
        except Exception:
            trainer = Trainer(ctx.config, ctx.logger)
        trainer.train()


    if __name__ == "__main__":
        train()
    """,
    "core/__init__.py": "",
    "core/trainer.py": """
    class Trainer:
        def __init__(self, config, logger):
            config.model.input_dim = 2 * config.model.width
            config["dtype"] = "float32"
            self.config, self.logger, self.step = config, logger, 0

        def train(self):
            while self.step < self.config.steps:
                self.step += 1
                self.logger.log_checkpoint(self)
                if self.step == self.config.get("dies_at"):
                    self.config.dies_at = None
                    self.logger.log_checkpoint(self)
                    raise RuntimeError("out of memory")
                self.logger.log_metrics({"iter": self.step, "loss": self.config.lr / self.step}, log_name="metrics")
    """,
    "configs/config.yaml": """
    seed: 0
    lr: 1.0
    steps: 3
    dies_at: null
    model: {width: 4}
    """,
    "configs/mlxp.yaml": """
    logger:
      name: DefaultLogger
      parent_log_dir: ./logs
      forced_log_id: -1
      log_streams_to_file: false
    scheduler:
      name: NoScheduler
      shell_path: /bin/bash
      shell_config_cmd: ''
      env_cmd: ''
      cleanup_cmd: ''
      option_cmd: []
    version_manager: {name: GitVM, parent_work_dir: ./.work_dir, compute_requirements: false}
    use_version_manager: false
    use_scheduler: false
    use_logger: true
    interactive_mode: true
    """,
}


def lines(run, log):
    return [json.loads(line) for line in Path(f"logs/{run}/metrics/{log}.json").read_text().splitlines()]


def test_a_checkpoint_holds_the_whole_trainer_with_its_logger_and_a_config_that_was_written_to(written, compat):
    written(TRAINERS)
    died = compat("main.py", "dies_at=2", check=False)
    again = compat("main.py", "dies_at=2", "+mlxp.logger.forced_log_id=1")

    assert "RuntimeError: out of memory" in died.stderr
    assert again.stdout == "resumed at 2\n"
    assert lines(1, "metrics") == [{"iter": 1, "loss": 1.0}, {"iter": 3, "loss": 1.0 / 3}]
    assert os.listdir("logs/1/artifacts/pickle") == ["checkpoint"]
    assert mlxp.runs("logs")[0]["info.status"] == "COMPLETE"
    assert yaml.safe_load(Path("logs/1/metadata/config.yaml").read_text())["model"] == {"width": 4}


SCRIPT = """
#!/bin/bash

LRS="1,2,3,4,5,6,7"
SEEDS="0,1,2,3,4"
PARENT=./data/outputs
for WIDTH in 8 16 32; do
HYDRA_FULL_ERROR=1 OC_CAUSE=1 {python} -m ipdb main.py \\
        lr=$LRS \\
        seed=$SEEDS \\
        model.width=$WIDTH \\
        +mlxp.logger.parent_log_dir=$PARENT \\

done
"""

IPDB = """
import runpy, sys
del sys.argv[0]
sys.path[0] = "."
runpy.run_path(sys.argv[0], run_name="__main__")
"""


def test_its_script_of_105_runs_is_understood_by_mlxpsub(written, compat):
    written({**TRAINERS, "ipdb.py": IPDB})
    Path("script.sh").write_text(SCRIPT.format(python=sys.executable).lstrip())
    settings = Path("configs/mlxp.yaml")
    settings.write_text(settings.read_text().replace("NoScheduler", "SLURMScheduler"))

    done = compat("-c", "from mlxp_fn.cli.mlxpsub import main; main()", "script.sh", "--dry-run")

    assert done.stdout.count("$ sbatch --parsable ") == 105
    assert "data/outputs/105/script.sh" in done.stdout
    assert not Path("data").exists()


UNMIXING = {
    "main.py": """
    import logging
    import logging.config

    import mlxp
    from mlxp.launcher import _instance_from_config, instance_from_dict

    from src.artifacts import Abundances

    log = logging.getLogger(__name__)


    def set_seeds(seed):
        print("seed", seed)


    @mlxp.launch(config_path="config", seeding_function=set_seeds)
    def unmix(ctx):
        cfg = ctx.config
        logging.config.dictConfig(cfg.logging)
        log.info("Dataset: %s", cfg.data.name)
        setter = instance_from_dict("src.noise.Noise", {"SNR": cfg.SNR})
        model = _instance_from_config(cfg.model)
        ctx.logger.log_artifact(Abundances({"A": model.solve(setter)}, ".npz"), "estimates")
        ctx.logger.log_metrics({"SRE": model.rank * setter.SNR}, log_name="SRE")


    if __name__ == "__main__":
        unmix()
    """,
    "src/__init__.py": "",
    "src/noise.py": """
    class Noise:
        def __init__(self, SNR):
            self.SNR = SNR
    """,
    "src/model.py": """
    class Blind:
        def __init__(self, rank, projection, layers):
            assert type(layers) is list and type(projection) is bool
            self.rank = rank

        def solve(self, noise):
            import numpy as np

            return np.full(self.rank, float(noise.SNR))
    """,
    "src/artifacts.py": """
    from dataclasses import dataclass

    import numpy as np
    from mlxp.data_structures.artifacts import Artifact


    @dataclass
    class Abundances(Artifact):
        ext = ".npz"

        def _save(self, fname):
            np.savez(fname, **self.obj)
    """,
    "config/config.yaml": """
    SNR: 20
    seed: 0
    p: 3

    defaults:
      - _self_
      - data: DC1
      - mode: blind
      - model: ${mode}
      - logging: console

    noise:
      SNR: ${SNR}
      seed: ${seed}
    title: ${data.name}-${SNR}
    """,
    "config/mode/blind.yaml": "supervised: false\n",
    "config/data/DC1.yaml": "name: DC1\nfile: ./data/${.name}.mat\n",
    "config/data/Samson.yaml": "name: Samson\nfile: ./data/${.name}.mat\n",
    "config/model/blind.yaml": "name: src.model.Blind\nrank: ${p}\nprojection: false\nlayers: [1, '${p}']\n",
    "config/model/sparse.yaml": "name: src.model.Blind\nrank: 1\nprojection: true\nlayers: []\n",
    "config/logging/console.yaml": """
    version: 1
    formatters:
      simple: {format: '[%(levelname)s] %(message)s'}
    handlers:
      console:
        class: logging.StreamHandler
        formatter: simple
        stream: ext://sys.stdout
    root: {level: INFO, handlers: [console]}
    disable_existing_loggers: false
    """,
}


def test_a_config_of_groups_and_interpolations_makes_loggers_objects_and_old_artifacts(written, compat):
    np = pytest.importorskip("numpy")
    written(UNMIXING)
    done = compat("main.py", "data=DC1,Samson", "SNR=20,30", "model.rank=2")

    assert done.stdout.splitlines() == [
        line for name in ("DC1", "DC1", "Samson", "Samson") for line in ("seed 0", f"[INFO] Dataset: {name}")
    ]
    assert [lines(run, "SRE") for run in (1, 2)] == [[{"SRE": 40}], [{"SRE": 60}]]
    config = yaml.safe_load(Path("logs/4/metadata/config.yaml").read_text())
    assert (config["title"], config["data"]["file"]) == ("Samson-30", "./data/Samson.mat")
    assert config["noise"] == {"SNR": 30, "seed": 0}
    assert config["model"]["layers"] == [1, 3]
    with np.load("logs/2/artifacts/Abundances/estimates.npz") as kept:
        assert kept["A"].tolist() == [30.0, 30.0]
    assert list(mlxp.runs("logs")[1]["artifact.Abundances."]) == ["estimates.npz"]


VERSIONED = """
import mlxp


@mlxp.launch()
def main(ctx):
    print("the committed code", ctx.info.info.version_manager.commit_hash)


if __name__ == "__main__":
    main()
"""


def test_of_a_dirty_repository_the_latest_commit_runs_where_nobody_can_be_asked(written, compat):
    def git(*words):
        who = ("-c", "user.name=me", "-c", "user.email=me@here")
        return subprocess.run(["git", *who, *words], capture_output=True, text=True, check=True).stdout.strip()

    written({"main.py": VERSIONED, "configs/config.yaml": "seed: 0\n", ".gitignore": "logs\n.work_dir\n"})
    git("init", "-q")
    git("add", ".")
    git("commit", "-qm", "first")
    Path("main.py").write_text(VERSIONED.replace("committed", "changed"))

    done = compat("main.py", "+mlxp.use_version_manager=true", stdin=subprocess.DEVNULL)

    assert done.stdout == f"the committed code {git('rev-parse', 'HEAD')}\n"
    assert Path("logs/1/metadata/config.yaml").exists()
