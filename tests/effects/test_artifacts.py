"""Artifacts: every type comes back as it went, nothing is lost among writers, and nothing read chooses code."""

import json
import os
import pickle
import subprocess
import sys

import numpy as np
import pytest

import mlxp_fn as mlxp
from mlxp_fn.errors import InvalidArtifactError, MissingArtifactError
from mlxp_fn.logger import DefaultLogger

ORACLE = os.environ.get("ORACLE_PYTHON", "")


@pytest.fixture
def logger(tmp_path):
    return DefaultLogger(tmp_path / "logs")


def kept(run, column, name):
    """An artifact, as a reader of the log directory finds it."""
    return mlxp.runs(os.path.dirname(run.dir))[-1][column][name]


# -- files


def test_a_file_is_copied_and_loaded_as_the_path_of_the_copy(logger, tmp_path):
    source = tmp_path / "model.bin"
    source.write_bytes(b"weights")

    logger.log_artifacts(source, "best/model.bin", "file")
    source.write_bytes(b"later")

    path = logger.load_artifacts("best/model.bin")
    assert str(path) == f"{logger.artifacts_dir}/file/best/model.bin"
    assert path.read_bytes() == b"weights"


def test_a_file_is_linked_when_that_is_asked_for(logger, tmp_path):
    source = tmp_path / "model.bin"
    source.write_bytes(b"weights")

    for _ in range(2):
        logger.log_artifacts(str(source), "model.bin", "file", link=True)

    assert os.path.samefile(source, logger.load_artifacts("model.bin"))
    assert os.listdir(f"{logger.artifacts_dir}/file") == ["model.bin"]


def test_an_artifact_that_is_not_there_is_told_with_those_there_are(logger):
    with pytest.raises(MissingArtifactError, match=r"there is no artifact 'x' in .*/1; it has none$"):
        logger.load_artifacts("x")
    logger.log_artifacts([1], "facts.json", "json")
    logger.log_artifacts("a", "words", "text")
    with pytest.raises(MissingArtifactError, match=r"/1; there are facts\.json, words$"):
        logger.load_artifacts("x")
    with pytest.raises(MissingArtifactError, match=r"/1; did you mean 'facts\.json'\?$"):
        logger.load_artifacts("fact.json")


def test_a_link_to_another_file_system_is_a_copy(logger):
    logger.log_artifacts("/proc/self/comm", "name", "file", link=True)

    assert logger.load_artifacts("name").read_text().startswith("python")


def test_a_copy_that_follows_a_link_leaves_the_linked_file_alone(logger, tmp_path):
    (tmp_path / "first").write_text("first")
    (tmp_path / "second").write_text("second")

    logger.log_artifacts(tmp_path / "first", "x", "file", link=True)
    logger.log_artifacts(tmp_path / "second", "x", "file")

    assert (tmp_path / "first").read_text() == "first"
    assert logger.load_artifacts("x").read_text() == "second"


def test_what_is_no_file_is_refused(logger, tmp_path):
    with pytest.raises(InvalidArtifactError, match="is a directory, an artifact one file; pack it with shutil"):
        logger.log_artifacts(tmp_path, "x", "file")
    with pytest.raises(MissingArtifactError, match="there is no file .*/absent to keep"):
        logger.log_artifacts(tmp_path / "absent", "x", "file")
    with pytest.raises(InvalidArtifactError, match="is the path of a file, not bytes"):
        logger.log_artifacts(b"content", "x", "file")
    with pytest.raises(InvalidArtifactError, match="link=True is for artifacts of type 'file', not 'text'"):
        logger.log_artifacts("a", "x", "text", link=True)
    assert not [file for _, _, files in os.walk(logger.artifacts_dir) for file in files]


# -- arrays and figures


def test_an_array_comes_back_as_an_array(logger):
    logger.log_artifacts(np.arange(6).reshape(2, 3), "weights", "numpy")

    assert logger.load_artifacts("weights").tolist() == [[0, 1, 2], [3, 4, 5]]


def test_arrays_of_objects_are_refused_before_they_are_written(logger):
    with pytest.raises(InvalidArtifactError, match="log it as type 'pickle'"):
        logger.log_artifacts({"a": np.array([{}, None])}, "objects", "numpy")


def test_a_figure_needs_no_extension(logger):
    from matplotlib.figure import Figure

    logger.log_artifacts(Figure(), "curve", "image")

    assert os.listdir(f"{logger.artifacts_dir}/image") == ["curve"]
    assert logger.load_artifacts("curve").ndim == 3


# -- types of the user's own


def test_functions_defined_inside_a_task_are_a_type(tmp_path):
    def task(ctx):
        suffix = "!"

        def save(value, path):
            open(path, "w").write(value + suffix)

        ctx.logger.register_artifact_type("shout", save, lambda path: open(path).read())
        ctx.logger.log_artifacts("hello", "word", "shout")
        return ctx.logger.load_artifacts("word")

    run = mlxp.run(task, parent_log_dir=tmp_path)

    assert run.result == "hello!"
    files = [name for _, _, files in os.walk(tmp_path / "1/artifacts") for name in files]
    assert sorted(files) == ["mlxp_fn.json", "word"]
    with pytest.raises(InvalidArtifactError, match="of type 'shout' are read by a function of your own"):
        kept(run, "artifact.shout.", "word").load()
    assert kept(run, "artifact.shout.", "word").load(lambda path: open(path).read()) == "hello!"


def test_another_logger_is_told_how_to_register_the_type(logger):
    logger.register_artifact_type("mine", lambda value, path: open(path, "w").write(value), print)
    logger.log_artifacts("a", "x", "mine")
    other = DefaultLogger(logger.parent_log_dir)

    with pytest.raises(InvalidArtifactError, match=r"logger.register_artifact_type\('mine', save, load\)"):
        other.load_artifacts("x", root=logger.log_dir)


def test_a_writer_that_adds_an_extension_is_named(logger):
    logger.register_artifact_type("npy", lambda value, path: np.save(path, value), np.load)

    with pytest.raises(InvalidArtifactError, match="the save function of type 'npy' left no file at the path"):
        logger.log_artifacts(np.arange(3), "weights", "npy")
    logger.log_artifacts(np.arange(3), "weights.npy", "npy")

    assert logger.load_artifacts("weights.npy").tolist() == [0, 1, 2]


# -- reading safely


class Trap:
    def __reduce__(self):
        return os.mkdir, (os.environ["TRAP"],)


def test_safe_loading_refuses_a_pickle_and_runs_nothing(tmp_path, monkeypatch):
    monkeypatch.setenv("TRAP", str(tmp_path / "sprung"))
    run = mlxp.run(lambda ctx: ctx.logger.log_checkpoint([1]), parent_log_dir=tmp_path / "logs")
    path = f"{run.dir}/artifacts/pickle/checkpoint.pkl"
    open(path, "wb").write(pickle.dumps(Trap()))

    mlxp.runs(tmp_path / "logs")[:]["artifact.pickle."]
    with pytest.raises(InvalidArtifactError, match="of type 'pickle', which safe=True refuses"):
        kept(run, "artifact.pickle.", "checkpoint.pkl").load(safe=True)
    assert not (tmp_path / "sprung").exists()

    kept(run, "artifact.pickle.", "checkpoint.pkl").load()
    assert (tmp_path / "sprung").exists()


def test_arrays_never_hold_a_pickle_that_is_run(tmp_path, monkeypatch):
    monkeypatch.setenv("TRAP", str(tmp_path / "sprung"))
    run = mlxp.run(lambda ctx: ctx.logger.log_artifacts([1], "w", "numpy"), parent_log_dir=tmp_path / "logs")
    np.save(open(f"{run.dir}/artifacts/numpy/w", "wb"), np.array([Trap()]), allow_pickle=True)

    with pytest.raises(ValueError, match="allow_pickle=False"):
        kept(run, "artifact.numpy.", "w").load()
    assert not (tmp_path / "sprung").exists()


@pytest.mark.parametrize(("kind", "value"), [("json", {"a": 1}), ("text", "a"), ("numpy", np.arange(2))])
def test_safe_loading_reads_what_holds_no_code(tmp_path, kind, value):
    run = mlxp.run(lambda ctx: ctx.logger.log_artifacts(value, "x", kind), parent_log_dir=tmp_path)

    assert np.array_equal(kept(run, f"artifact.{kind}.", "x").load(safe=True), value)


def test_safe_loading_cannot_vouch_for_a_function_of_the_user_s(tmp_path):
    run = mlxp.run(lambda ctx: ctx.logger.log_artifacts("a", "x", "text"), parent_log_dir=tmp_path)

    with pytest.raises(InvalidArtifactError, match="safe=True cannot vouch for a loader of your own"):
        kept(run, "artifact.text.", "x").load(print, safe=True)


def test_safe_loading_of_torch_reads_weights_and_no_code(tmp_path, monkeypatch):
    torch = pytest.importorskip("torch", reason="torch is not installed")
    monkeypatch.setenv("TRAP", str(tmp_path / "sprung"))

    def task(ctx):
        ctx.logger.log_artifacts({"w": torch.ones(2)}, "weights.pt", "torch")
        ctx.logger.log_artifacts(Trap(), "trap.pt", "torch")

    run = mlxp.run(task, parent_log_dir=tmp_path / "logs")

    assert kept(run, "artifact.torch.", "weights.pt").load(safe=True)["w"].tolist() == [1, 1]
    with pytest.raises(pickle.UnpicklingError):
        kept(run, "artifact.torch.", "trap.pt").load(safe=True)
    assert not (tmp_path / "sprung").exists()


# -- many writers, and MLXP


WRITE = """
import os, sys
from threading import Thread
from mlxp_fn.logger import DefaultLogger
logger = DefaultLogger(sys.argv[1], forced_log_id=1)
def write(number):
    for count in range(5):
        logger.log_artifacts(number, f"{sys.argv[2]}/{number}-{count}.pkl", "pickle")
threads = [Thread(target=write, args=(number,)) for number in range(4)]
for thread in threads: thread.start()
for thread in threads: thread.join()
"""


def test_threads_of_several_processes_keep_one_another_s_records(tmp_path):
    writers = [subprocess.Popen([sys.executable, "-c", WRITE, tmp_path, str(number)]) for number in range(4)]
    assert [writer.wait() for writer in writers] == [0, 0, 0, 0]

    names = {f"pickle/{process}/{n}-{count}.pkl" for process in range(4) for n in range(4) for count in range(5)}
    record = json.load(open(tmp_path / "1/artifacts/.keys/mlxp_fn.json"))
    assert set(record) == names
    for_mlxp = open(tmp_path / "1/artifacts/.keys/artifacts.yaml").read()
    assert for_mlxp.count(".pkl: ''") == len(names)


def test_what_a_killed_writer_left_is_removed_by_the_next_attempt(tmp_path):
    run = mlxp.run(lambda ctx: ctx.logger.log_checkpoint(1, "best/last"), parent_log_dir=tmp_path)
    folder = f"{run.dir}/artifacts/pickle/best"
    open(f"{folder}/.12-34-tmp-last.pkl", "w").write("half of a check")
    open(f"{folder}/.hidden", "w").write("the user's")

    mlxp.run(print, parent_log_dir=tmp_path, settings={"logger": {"forced_log_id": 1}})

    assert sorted(os.listdir(folder)) == [".hidden", "last.pkl"]


READ_WITH_MLXP = """
import sys, mlxp
row = mlxp.Reader(sys.argv[1], refresh=True).filter(query_string="", result_format="datadict")[0]
print(*sorted(key for key in row.keys() if key.startswith("artifact")))
print(row["artifact.pickle..best"]["last.pkl"].load(), row["artifact.numpy."]["w"].load()["a"].tolist())
"""


@pytest.mark.skipif(not ORACLE, reason="ORACLE_PYTHON names no interpreter with mlxp 1.0.5")
def test_mlxp_reads_the_types_it_knows(tmp_path):
    def task(ctx):
        ctx.logger.register_artifact_type("mine", lambda value, path: open(path, "w").write(value), print)
        ctx.logger.log_artifacts("a", "x", "mine")
        ctx.logger.log_artifacts("a", "x", "text")
        ctx.logger.log_artifacts(__file__, "x", "file")
        ctx.logger.log_artifacts([1, 2], "best/last.pkl", "pickle")
        ctx.logger.log_artifacts({"a": np.arange(3)}, "w", "numpy")

    mlxp.run(task, {"seed": 1}, parent_log_dir=tmp_path / "logs")

    done = subprocess.run(
        [ORACLE, "-c", READ_WITH_MLXP, tmp_path / "logs"], capture_output=True, text=True, cwd=tmp_path, check=True
    )
    assert done.stdout.splitlines()[-2:] == [
        "artifact.numpy. artifact.pickle..best",
        "[1, 2] [0, 1, 2]",
    ]


def test_what_mlxp_recorded_of_a_run_stays_when_it_goes_on_with_us(logger):
    os.makedirs(f"{logger.artifacts_dir}/.keys")
    open(f"{logger.artifacts_dir}/.keys/artifacts.yaml", "w").write("pickle: {'': {old: ''}}\nown: {'': {x: ''}}\n")

    logger.log_artifacts(1, "new.pkl", "pickle")

    assert open(f"{logger.artifacts_dir}/.keys/artifacts.yaml").read() == (
        "own:\n  '':\n    x: ''\npickle:\n  '':\n    new.pkl: ''\n    old: ''\n"
    )
