"""Scripts that say `import mlxp`, submitted in compatibility mode: the jobs are in it, too."""

import subprocess
import sys
from pathlib import Path

import mlxp_fn as mlxp
from tests.schedulers.project import until

MAIN = """
import mlxp


@mlxp.launch()
def main(ctx):
    ctx.config.seen = True
    ctx.logger.log_metrics({"seed": ctx.config.seed}, log_name="m")
    ctx.logger.log_checkpoint(ctx.logger)


if __name__ == "__main__":
    main()
"""
MLXPSUB = "from mlxp_fn.cli.mlxpsub import main; main()"


def test_jobs_of_a_script_of_mlxps_run_as_it_would(cluster, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    Path("main.py").write_text(MAIN)
    Path("script.sh").write_text(f"#!/bin/bash\n#SBATCH --time=1\n{sys.executable} main.py +seed=1,2\n")

    command = [sys.executable, "-m", "mlxp_fn.compat", "-c", MLXPSUB, "script.sh"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr

    until(lambda: all(mlxp.runs("logs")["info.end_time"]))
    runs = mlxp.runs("logs")
    assert runs["info.status"] == ["COMPLETE", "COMPLETE"]
    assert runs["m.seed"] == [[1], [2]]
    assert [path.name for path in Path("logs/2/artifacts/pickle").iterdir()] == ["checkpoint"]
