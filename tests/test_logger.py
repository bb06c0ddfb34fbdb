"""What a task can do with its logger."""

import json
import os
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
import yaml

from mlxp_fn.errors import (
    InvalidArtifactError,
    InvalidKeyError,
    LogDirError,
    LogNameError,
    MissingArtifactError,
)
from mlxp_fn.logger import DefaultLogger


@pytest.fixture
def logger(tmp_path):
    return DefaultLogger(tmp_path / "logs")


def test_the_logger_tells_where_it_writes(logger, tmp_path):
    assert logger.get_info() == {
        "log_id": 1,
        "log_dir": f"{tmp_path}/logs/1",
        "metrics_dir": f"{tmp_path}/logs/1/metrics",
        "metadata_dir": f"{tmp_path}/logs/1/metadata",
        "artifacts_dir": f"{tmp_path}/logs/1/artifacts",
    }
    assert (logger.log_id, logger.parent_log_dir) == (1, f"{tmp_path}/logs")


def test_a_forced_id_is_used(tmp_path):
    assert DefaultLogger(tmp_path, forced_log_id=7).log_id == 7


@pytest.mark.parametrize("name", ["info", "config", "mlxp", "artifact", "artifacts"])
def test_reserved_log_names_are_refused(logger, name):
    with pytest.raises(InvalidKeyError, match=f"the log name '{name}' is reserved"):
        logger.log_metrics({"a": 1}, name)


@pytest.mark.parametrize(
    "name", ["../x", "/x", "", "a/../../x", "a\nb", "a\x00b", ".", "..", ".keys/x", "a//b", None]
)
def test_names_that_would_leave_the_run_are_refused(logger, name, tmp_path):
    with pytest.raises(LogNameError):
        logger.log_metrics({"a": 1}, name)
    with pytest.raises(LogNameError):
        logger.log_artifacts("text", name, "text")
    assert not [file for _, _, files in os.walk(tmp_path / "logs/1") for file in files]


def test_a_name_with_a_slash_makes_a_sub_directory(logger):
    logger.log_metrics({"a": 1}, "eval/test")

    assert open(f"{logger.metrics_dir}/eval/test.json").read() == '{"a":1}\n'


@pytest.mark.parametrize(
    ("kind", "value"),
    [
        ("pickle", {"a": {1, 2}}),
        ("json", {"a": [1, None]}),
        ("text", "é\r\n"),
    ],
)
def test_an_artifact_is_loaded_as_it_was_saved(logger, kind, value):
    logger.log_artifacts(value, "sub/thing.x", kind)

    assert logger.load_artifacts("sub/thing.x", kind) == value
    assert logger.load_artifacts("sub/thing.x") == value


def test_arrays_are_artifacts(logger):
    logger.log_artifacts({"w": np.arange(3)}, "weights", "numpy")

    assert logger.load_artifacts("weights")["w"].tolist() == [0, 1, 2]


def test_a_figure_is_an_artifact(logger):
    from matplotlib.figure import Figure

    figure = Figure()
    figure.add_subplot().plot([1, 2])
    logger.log_artifacts(figure, "curve.png", "image")

    assert open(f"{logger.artifacts_dir}/image/curve.png", "rb").read(4) == b"\x89PNG"
    assert logger.load_artifacts("curve.png").ndim == 3


def test_size_and_digest_are_recorded(logger):
    logger.log_artifacts("abc", "note.txt", "text")

    record = json.load(open(f"{logger.artifacts_dir}/.keys/mlxp_fn.json"))
    assert record == {
        "text/note.txt": {
            "size": 3,
            "sha256": "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad",
        }
    }


def test_threads_that_log_artifacts_keep_one_another_s_records(logger):
    with ThreadPoolExecutor(30) as threads:
        list(threads.map(lambda n: logger.log_artifacts(n, f"{n}.json", "json"), range(30)))

    record = json.load(open(f"{logger.artifacts_dir}/.keys/mlxp_fn.json"))
    assert sorted(record) == sorted(f"json/{n}.json" for n in range(30))


def test_an_artifact_below_another_is_an_error_of_the_library_s(logger):
    logger.log_artifacts("a", "best", "text")

    with pytest.raises(LogDirError, match="cannot write the artifact .*best/1: "):
        logger.log_artifacts("a", "best/1", "text")


def test_a_type_that_would_leave_the_run_makes_nothing(logger, tmp_path):
    with pytest.raises(InvalidArtifactError, match="unknown artifact type '../../../evil'"):
        logger.log_artifacts("a", "x", "../../../evil")

    assert not (tmp_path / "evil").exists()


def test_an_error_of_the_user_s_own_writer_stays_the_user_s(logger):
    def save(value, path):
        raise PermissionError("the user's")

    logger.register_artifact_type("mine", save, print)

    with pytest.raises(PermissionError, match="the user's") as raised:
        logger.log_artifacts(1, "x", "mine")
    assert not isinstance(raised.value, LogDirError)


def test_mlxp_is_told_of_the_types_it_knows_and_of_no_others(logger):
    logger.log_artifacts(1, "best/ck.pkl", "pickle")
    logger.log_artifacts("a", "note.txt", "text")
    logger.log_artifacts(1, "last.pkl", "pickle")

    record = yaml.safe_load(open(f"{logger.artifacts_dir}/.keys/artifacts.yaml"))
    assert record == {"pickle": {".best": {"ck.pkl": ""}, "": {"last.pkl": ""}}}


def test_the_last_good_artifact_stays_when_the_next_cannot_be_saved(logger):
    logger.log_artifacts([1], "state.json", "json")

    with pytest.raises(TypeError):
        logger.log_artifacts([object()], "state.json", "json")

    assert logger.load_artifacts("state.json") == [1]
    assert os.listdir(f"{logger.artifacts_dir}/json") == ["state.json"]


def test_an_unknown_type_names_those_there_are(logger):
    with pytest.raises(InvalidArtifactError, match="unknown artifact type 'pikle'; there are file, image, json"):
        logger.log_artifacts(1, "a", "pikle")


def test_a_type_of_the_users_own_can_be_registered(logger):
    def save(value, path):
        open(path, "w").write(value.upper())

    logger.register_artifact_type("shout", save, lambda path: open(path).read())
    logger.log_artifacts("hello", "word", "shout")

    assert logger.load_artifacts("word") == "HELLO"


def test_a_type_cannot_take_the_place_of_another(logger):
    with pytest.raises(InvalidArtifactError, match="cannot be called 'pickle'"):
        logger.register_artifact_type("pickle", print, print)


@pytest.mark.parametrize("name", ["checkpoint", "best.pkl", "epochs/3"])
def test_a_checkpoint_is_found_again(logger, name):
    logger.log_checkpoint({"epoch": 3}, name)

    assert logger.load_checkpoint(name) == {"epoch": 3}
    assert DefaultLogger(logger.parent_log_dir).load_checkpoint(name, root=logger.log_dir) == {"epoch": 3}


def test_a_missing_checkpoint_is_a_file_that_is_not_found(logger):
    with pytest.raises(FileNotFoundError, match="no checkpoint 'checkpoint' in .*/logs/1") as raised:
        logger.load_checkpoint()

    assert isinstance(raised.value, MissingArtifactError)


def test_mlxp_s_folder_of_checkpoints_is_a_root_too(logger):
    logger.log_checkpoint({"epoch": 3}, "last")

    assert logger.load_checkpoint("last", root=f"{logger.artifacts_dir}/pickle") == {"epoch": 3}


def test_a_checkpoint_without_a_suffix_is_mlxp_s(logger):
    logger.log_artifacts({"epoch": 1}, "last", "pickle")
    assert logger.load_checkpoint("last") == logger.load_checkpoint("last.pkl") == {"epoch": 1}

    logger.log_checkpoint({"epoch": 2}, "last.pkl")
    assert logger.load_checkpoint("last") == {"epoch": 2}


def test_a_checkpoint_cannot_be_looked_for_outside_of_its_run(logger):
    with pytest.raises(LogNameError):
        logger.load_checkpoint("../../metadata/config")
