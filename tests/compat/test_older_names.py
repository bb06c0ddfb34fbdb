"""Scripts of MLXP 0.2.7: its names for frames, its aggregation maps and its artifacts.

MLXP_LONG_TESTS=1 fetches MLXP 0.2.7 from the index and lets it say the same.
"""

import os
import subprocess
import textwrap
from pathlib import Path

import pytest

MAIN = """
from dataclasses import dataclass

import mlxp
from mlxp.data_structures.artifacts import Artifact, Checkpoint
from mlxp.errors import InvalidArtifactError


@dataclass
class Text(Artifact):
    ext = ".txt"

    def _save(self, fname):
        with open(fname + self.ext, "w") as file:
            file.write(self.obj)


@dataclass
class Bare(Artifact):
    ext = ""

    def _save(self, fname):
        with open(fname, "w") as file:
            file.write(self.obj)


@mlxp.launch(config_path="./configs")
def main(ctx):
    config, logger = ctx.config, ctx.logger
    print(type(config).__name__, config.lr, ctx.info.status, ctx.mlxp.use_logger)
    for step in range(2 + config.seed):
        logger.log_metrics({"test_loss": config.seed * config.lr / (step + 1)}, "metrics")
    logger.log_artifact(Text(f"seed {config.seed}", ".txt"), "note")
    logger.log_artifact(Bare("bare", ""), "bare.md")
    logger.log_artifact(Checkpoint({"step": 1}, ".pkl"), "best")
    print(logger.load_checkpoint("best"))
    try:
        logger.log_artifact("no artifact", "x")
    except InvalidArtifactError:
        print("no artifact")


if __name__ == "__main__":
    main()
"""

READ = """
import contextlib
import io

import mlxp
from mlxp.data_structures.contrib.aggregation_maps import AvgStd, MinLast
from mlxp.data_structures.data_dict import AggregationMap, DataDictList
from mlxp.errors import InvalidKeyError


class Longest(AggregationMap):
    def __init__(self, key):
        super().__init__([key], map_name="longest")

    def _apply(self, data):
        return {self.name: max(len(run[self.keys[0]]) for run in data)}, None


with contextlib.redirect_stdout(io.StringIO()):
    reader = mlxp.Reader("./logs")
results = reader.filter(query_string="config.seed in [1, 2]", result_format="datadict")
print(isinstance(results, DataDictList), isinstance(results, mlxp.DataDictList), len(results))
print(sorted(key for key in results.config_diff() if key.startswith("config.")), end=" ")
print(results.toPandasDF()["config.seed"].tolist())
print([len(curve) for curve in results.toPandasDF(lazy=False)["metrics.test_loss"]])
groups = results.groupBy(["config.lr"])
print(sorted(float(key[0]) for key in groups.keys()), len(groups[("2.0",)]), groups.toPandasDF().index.name)
maps = [AvgStd("metrics.test_loss"), MinLast("metrics.test_loss"), Longest("metrics.test_loss")]
table = groups.aggregate(maps)
print(isinstance(table, DataDictList), list(table[0].keys()))
for row in sorted(table, key=lambda row: float(row["config.lr"])):
    print([float(round(value, 3)) for value in row["metrics.test_loss_avg"]], end=" ")
    print([float(round(value, 3)) for value in row["metrics.test_loss_std"]], end=" ")
    print(row["min(metrics.test_loss)"], row["arg_min(metrics.test_loss)"], row["longest(metrics.test_loss)"])
try:
    results.groupBy(["no.such"])
except InvalidKeyError:
    print("no such column")
"""

PRINTED_BY_MAIN = """\
ConfigDict 1.0 RUNNING True
{'step': 1}
no artifact
ConfigDict 2.0 RUNNING True
{'step': 1}
no artifact
ConfigDict 1.0 RUNNING True
{'step': 1}
no artifact
ConfigDict 2.0 RUNNING True
{'step': 1}
no artifact
"""
PRINTED_BY_READ = """\
True True 4
['config.lr', 'config.seed'] [1, 1, 2, 2]
[3, 3, 4, 4]
[1.0, 2.0] 2 config.lr
True ['metrics.test_loss_avg', 'metrics.test_loss_std', 'min(metrics.test_loss)', \
'arg_min(metrics.test_loss)', 'longest(metrics.test_loss)', 'config.lr']
[1.5, 0.75, 0.5] [0.5, 0.25, 0.167] 0.3333333333333333 0 4
[3.0, 1.5, 1.0] [1.0, 0.5, 0.333] 0.6666666666666666 0 4
no such column
"""
ARTIFACTS = ["Bare/bare.md", "Checkpoint/best.pkl", "Text/note.txt"]
COMMAND_LINE = ["seed=1,2", "lr=1.0,2.0"]


@pytest.fixture
def project(written):
    written({"main.py": MAIN, "read.py": READ, "configs/config.yaml": "seed: 0\nlr: 0.1\n"})


def artifacts(run):
    root = Path(f"logs/{run}/artifacts")
    files = (path for path in root.rglob("*") if path.is_file() and path.parent.name != ".keys")
    return sorted(path.relative_to(root).as_posix() for path in files)


def test_a_script_of_0_2_7_runs_and_its_results_are_read_by_its_names(project, compat):
    assert compat("main.py", *COMMAND_LINE).stdout == PRINTED_BY_MAIN
    assert artifacts(1) == ARTIFACTS
    assert Path("logs/3/artifacts/Text/note.txt").read_text() == "seed 2"
    assert compat("read.py").stdout == PRINTED_BY_READ


@pytest.mark.skipif(os.environ.get("MLXP_LONG_TESTS") != "1", reason="MLXP_LONG_TESTS=1 fetches MLXP 0.2.7")
def test_0_2_7_itself_says_the_same(project, oracle, older):
    environ = {**os.environ, "PYTHONPATH": str(older("0.2.7"))}

    def said(*words):
        done = subprocess.run([oracle, *words], capture_output=True, text=True, env=environ, check=False)
        assert done.returncode == 0, done.stderr
        return done.stdout

    shown = [line for line in said("main.py", *COMMAND_LINE).splitlines() if "saved in" not in line]
    assert shown == PRINTED_BY_MAIN.splitlines()
    assert artifacts(1) == ARTIFACTS
    assert said("read.py") == PRINTED_BY_READ


def test_artifacts_may_go_into_folders_and_are_recorded_with_their_digest(written, compat):
    import mlxp_fn as mlxp

    written(
        {
            "main.py": """
            import mlxp
            from mlxp.data_structures.contrib.artifacts import NumpyArray, PNGImage

            @mlxp.launch()
            def main(ctx):
                ctx.logger.log_artifact(NumpyArray({"x": [1, 2]}, ".npz"), "best/x")
                ctx.logger.log_artifact(NumpyArray({"x": [3]}), "best/x")

            main()
            """
        }
    )
    compat("main.py")

    artifact = mlxp.runs("logs")[0]["artifact.NumpyArray..best"]["x.npz"]
    artifact.verify()
    assert list(artifact.load(__import__("numpy").load)["x"]) == [3]
    assert os.listdir("logs/1/artifacts/NumpyArray/best") == ["x.npz"]


@pytest.mark.parametrize(
    ("code", "printed"),
    [
        ("print(Artifact('a.txt', '/logs', len, None).load())", "11"),
        ("print(isinstance(Artifact('a', '/', len, None), Artifact), Artifact(1).obj)", "True 1"),
        ("print(sorted(Artifact_types))", "['image', 'numpy', 'pickle', 'torch']"),
        ("Artifact(1)._save('x')", "NotImplementedError: Artifact has no method _save(self, fname)"),
    ],
)
def test_artifact_is_the_class_of_both_versions(compat, code, printed):
    done = compat("-c", f"from mlxp.data_structures.artifacts import *\n{code}", check=False)

    assert printed in done.stdout + done.stderr


def test_objects_are_made_as_0_2_7_makes_them(written, compat):
    written({"own.py": "class Thing:\n    def __init__(self, size=0):\n        self.size = size\n"})
    code = """
    import mlxp, own
    from mlxp.launcher import _instance_from_config, instance_from_dict
    config = mlxp.ConfigDict({"name": "own.Thing", "size": 3})
    print(_instance_from_config(config).size, config.name, instance_from_dict("own.Thing", None).size)
    print(_instance_from_config({"name": "Thing", "size": 4}, module=own).size)
    print(instance_from_dict("ConfigDict", {"mapping": {"a": 1}}).a, instance_from_dict("int", {}))
    """
    assert compat("-c", textwrap.dedent(code)).stdout == "3 own.Thing 0\n4\n1 0\n"


@pytest.mark.parametrize(
    ("aggregation", "printed"),
    [
        ("Last('m.a')", "{'last(m.a)': [2, 4]}"),
        ("Max('config.lr')", "{'max(config.lr)': 0.5, 'arg_max(config.lr)': 0}"),
        ("Max('m.a')", "{'max(m.a)': 4.0, 'arg_max(m.a)': 1}"),
        ("MinLast('m.a')", "{'min(m.a)': 2, 'arg_min(m.a)': 0}"),
    ],
)
def test_the_other_maps_of_0_2_7(compat, aggregation, printed):
    code = f"""
from mlxp.data_structures.contrib.aggregation_maps import *
data = [{{"m.a": [1, 2], "config.lr": 0.5}}, {{"m.a": [3, 4], "config.lr": 0.1}}]
print({aggregation}._apply(data)[0])
"""
    assert compat("-c", code).stdout == f"{printed}\n"


def test_maps_of_both_versions_in_one_call_are_refused(compat):
    code = """
import mlxp
from mlxp.data_structures.contrib.aggregation_maps import AvgStd
mlxp.DataFrame([{"a": [1]}]).aggregate([AvgStd("a"), (max, "a")])
"""
    done = compat("-c", code, check=False)

    assert "InvalidMapError: AggregationMaps and tuples (function, column) are aggregated apart" in done.stderr
