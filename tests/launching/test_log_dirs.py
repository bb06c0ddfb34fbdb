"""Where runs are made: whatever the directory is called, and whichever id is asked for."""

import os
import sys
from pathlib import Path

import pytest
import yaml

import mlxp_fn as mlxp
from mlxp_fn.effects import run_ids
from mlxp_fn.errors import LogDirError, RunBusyError


@pytest.fixture(autouse=True)
def _in_an_empty_directory(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(run_ids, "_last_claimed", {})


def task(ctx):
    ctx.logger.log_metrics({"n": 1}, "train")
    ctx.logger.log_checkpoint([0.5])


def forced(identity, logs="logs"):
    return mlxp.run(task, {}, logs, settings={"logger": {"forced_log_id": identity}})


@pytest.mark.parametrize(
    "name",
    ["with space", "é😀", "new\nline", "real/../logs", "./logs/", "'\": {x}", "${a}", "~", "a*b[1]?",
     "#no: - comment", "-dash", "link", os.fsdecode(b"\xff\xfe")],
)  # fmt: skip
def test_a_log_directory_has_any_name(name):
    os.mkdir("real")
    os.symlink("real", "link")

    first, second = mlxp.run(task, {}, name), mlxp.run(task, {}, name)
    again = mlxp.run(task, {}, name, settings={"logger": {"forced_log_id": 1}})

    assert (first.id, second.id, again.id) == (1, 2, 1)
    one, two = mlxp.runs(name)
    assert (list(one["train.n"]), list(two["train.n"])) == ([1, 1], [1])
    assert one["info.logger.log_dir"] == first.dir == os.path.abspath(f"{name}/1")
    assert one["artifact.pickle."]["checkpoint.pkl"].load() == [0.5]
    noted = yaml.safe_load(Path(first.dir, "metadata/info.yaml").read_bytes())["logger"]["log_dir"]
    assert noted == first.dir.encode("utf-8", "backslashreplace").decode()


@pytest.mark.parametrize("name", ["file", "file/logs", "dangling"])
def test_what_is_no_directory_is_named_with_the_way_out(name):
    Path("file").touch()
    os.symlink("nowhere", "dangling")

    message = f"runs cannot be made in .*/{name}: something there is no directory; choose another parent_log_dir"
    with pytest.raises(LogDirError, match=message):
        mlxp.run(task, {}, name)
    with pytest.raises(LogDirError, match=message):
        forced(3, name)


def test_a_file_in_the_place_of_a_forced_run_is_named():
    os.mkdir("logs")
    Path("logs/3").touch()

    with pytest.raises(LogDirError, match="cannot make the run directory .*logs/3: File exists"):
        forced(3)


def test_a_file_with_a_run_s_name_is_passed_over():
    os.mkdir("logs")
    Path("logs/1").touch()

    assert mlxp.run(task, {}).id == 2


@pytest.mark.parametrize("identity", [0, 1, 7, 10**12])
def test_a_forced_id_makes_that_run_and_goes_on_with_it(identity):
    assert (forced(identity).id, forced(identity).info.attempt) == (identity, 2)

    assert [row["info.logger.log_id"] for row in mlxp.runs("logs")] == [identity]


def test_ids_follow_a_forced_one():
    ids = [mlxp.run(task, {}).id, forced(7).id, mlxp.run(task, {}).id, forced(3).id, mlxp.run(task, {}).id]

    assert ids == [1, 7, 8, 3, 9]


def test_another_process_does_not_give_the_id_of_a_removed_forced_run_again():
    forced(7)
    os.rename("logs/7", "elsewhere")
    run_ids._last_claimed.clear()

    assert mlxp.run(task, {}).id == 8


def test_a_run_in_the_trash_is_not_made_anew():
    mlxp.run(task, {})
    os.makedirs("logs/.mlxp_fn/trash")
    os.rename("logs/1", "logs/.mlxp_fn/trash/1")

    with pytest.raises(LogDirError, match="run 1 is in the trash; move .*/trash/1 back to .*/logs to go on"):
        forced(1)
    assert not os.path.exists("logs/1")


def test_a_run_that_is_running_is_not_gone_on_with():
    def busy(ctx):
        with pytest.raises(RunBusyError, match=rf"run 1 .* is running .* as process {os.getpid()} .*; wait for it"):
            forced(1)

    assert mlxp.run(busy, {}).status == "COMPLETE"
    assert forced(1).info.attempt == 2


def test_a_directory_that_is_no_run_yet_becomes_one():
    os.makedirs("logs/1/.metadata.99")
    Path("logs/1/.metadata.99/config.yaml").write_text("half: tru")

    assert (mlxp.run(task, {}).id, forced(1).id) == (2, 1)
    assert [row["info.attempt"] for row in mlxp.runs("logs")] == [1, 1]


def test_a_half_birth_of_a_process_with_our_number_is_swept_away():
    stale = Path(f"logs/1/.metadata.{os.getpid()}")
    stale.mkdir(parents=True)
    (stale / "config_unresolved.yaml").write_text("stale: true")

    forced(1)

    assert sorted(os.listdir("logs/1")) == ["artifacts", "metadata", "metrics"]
    assert not os.path.exists("logs/1/metadata/config_unresolved.yaml")


def test_a_run_is_born_running_in_its_first_attempt():
    seen = []

    def look(ctx):
        seen.append(yaml.safe_load(Path(ctx.logger.metadata_dir, "info.yaml").read_bytes()))
        seen.append(sorted(os.listdir(f"{ctx.logger.metadata_dir}/events")))

    mlxp.run(look, {})

    assert (seen[0]["status"], seen[0]["process_id"], seen[1]) == ("RUNNING", os.getpid(), ["0.jsonl", "1.jsonl"])


class Quiet(mlxp.DefaultLogger):
    """A logger of a user's own, which knows nothing of `fsync`."""

    def __init__(self, parent_log_dir, forced_log_id, log_streams_to_file=False):
        super().__init__(parent_log_dir, forced_log_id, log_streams_to_file)


def test_a_logger_that_cannot_wait_for_the_disk_says_so_only_when_asked(monkeypatch):
    monkeypatch.setitem(sys.modules, "my_loggers", sys.modules[__name__])
    settings = {"name": "my_loggers.Quiet"}

    assert mlxp.run(task, {}, settings={"logger": settings}).status == "COMPLETE"
    with pytest.raises(mlxp.MlxpError, match="mlxp.logger: Quiet: got an unexpected keyword argument 'fsync'"):
        mlxp.run(task, {}, settings={"logger": {**settings, "fsync": True}})
