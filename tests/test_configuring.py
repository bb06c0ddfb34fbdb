"""Composing and sweeping from Python, with files."""

import os

import pytest

import mlxp_fn as mlxp


@pytest.fixture(autouse=True)
def _project(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    for name, text in {
        "config.yaml": "defaults: [db: pg, _self_]\nseed: 0\n",
        "db/pg.yaml": "port: 5\ntwice: ${.port}\n",
        "db/my.yaml": "port: 7\n",
    }.items():
        path = tmp_path / "configs" / name
        path.parent.mkdir(exist_ok=True, parents=True)
        path.write_text(text)


def test_a_config_is_composed_from_a_directory():
    config = mlxp.compose("configs", overrides=["db.port=6", "+new=1e-3"])

    assert config == {"db": {"port": 6, "twice": 6}, "seed": 0, "new": 0.001}


def test_a_directory_that_is_not_there_is_named():
    with pytest.raises(FileNotFoundError, match="there is no config directory 'nowhere'"):
        mlxp.compose("nowhere")


def test_sweeps_over_options_are_expanded():
    jobs = mlxp.expand(["db=glob(*)", "seed=range(1000000)"], "configs")

    assert len(jobs) == 2_000_000
    assert [override.text for override in jobs[-1]] == ["db=pg", "seed=999999"]


def test_what_is_done_is_left_out_of_a_sweep():
    config = mlxp.compose("configs")
    mlxp.run(lambda ctx: None, mlxp.sweep(config, {"seed": [1, 2]}))

    left = mlxp.sweep(config, {"seed": [1, 2, 3]}).minus(mlxp.done("logs"))

    assert [job.config.seed for job in left] == [3]


def test_a_value_of_another_type_is_another_config():
    mlxp.run(lambda ctx: None, {"seed": 1})

    left = mlxp.sweep({}, {"seed": [1, 1.0, True, "1"]}).minus(mlxp.done("logs"))

    assert [repr(job.config.seed) for job in left] == ["1.0", "True", "'1'"]


def test_nothing_is_done_where_there_are_no_logs():
    assert mlxp.done("logs") == frozenset()
    assert not os.path.exists("logs")


def test_paired_axes_cross_with_the_rest():
    jobs = mlxp.sweep({}, mlxp.zipped({"opt": ["sgd", "adam"], "lr": [0.1, 0.001]}) * mlxp.grid({"seed": [1, 2]}))

    assert [tuple(job.config.values()) for job in jobs] == [
        ("sgd", 0.1, 1),
        ("sgd", 0.1, 2),
        ("adam", 0.001, 1),
        ("adam", 0.001, 2),
    ]
