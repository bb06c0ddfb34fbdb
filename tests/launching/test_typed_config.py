"""A config of the user's own attrs class."""

import enum
from pathlib import Path

import attrs
import pytest

import mlxp_fn as mlxp


class Optimizer(enum.Enum):
    SGD = "sgd"
    ADAM = "adam"


@attrs.frozen
class Model:
    width: int
    depth: int = 2


@attrs.frozen
class Experiment:
    model: Model
    data: Path = Path("data")
    optimizer: Optimizer = Optimizer.SGD
    lr: float = 0.1
    seed: int | None = None
    layers: list[int] = attrs.field(factory=lambda: [1, 2])


@mlxp.launch(config_path="nowhere", config_type=Experiment)
def launched(ctx):
    return ctx.config


def results(tmp_path, *overrides):
    runs = launched(overrides=[*overrides, f"+mlxp.logger.parent_log_dir={tmp_path}/logs"])
    return [run.result for run in runs]


def test_the_class_alone_is_enough_to_launch(tmp_path):
    assert results(tmp_path, "model.width=8", "lr=1,2") == [
        Experiment(model=Model(width=8), lr=1.0),
        Experiment(model=Model(width=8), lr=2.0),
    ]


def test_values_are_of_the_types_that_the_class_says(tmp_path):
    (config,) = results(tmp_path, "model.width=8", "optimizer=adam", "data=/tmp", "seed=3", "layers=[4]")

    assert config == Experiment(Model(8), Path("/tmp"), Optimizer.ADAM, 0.1, 3, [4])


@pytest.mark.parametrize(
    ("override", "message"),
    [
        ("model.width=wide", "config.model.width: 'wide' is not of type int"),
        ("optimizer=adma", "config.optimizer: 'adma' is not a valid Optimizer"),
        ("lrr=1", "did you mean lr?"),
        ("lr=true", "config.lr: True is not of type float"),
    ],
)
def test_a_wrong_value_is_named_and_nothing_is_run(tmp_path, override, message):
    with pytest.raises(mlxp.MlxpError) as raised:
        results(tmp_path, "model.width=8", override)

    assert message in str(raised.value)
    assert not (tmp_path / "logs").exists()


def test_a_value_without_a_default_must_be_given(tmp_path):
    with pytest.raises(mlxp.MlxpError, match=r"model\.width"):
        results(tmp_path, "lr=1")


def test_a_sweep_over_an_instance_gives_instances(tmp_path):
    sweep = mlxp.sweep(Experiment(Model(8)), {"model.width": [1, 2], "optimizer": ["adam"]})

    runs = mlxp.run(lambda ctx: ctx.config, sweep, tmp_path)

    assert [run.result for run in runs] == [
        Experiment(Model(1), optimizer=Optimizer.ADAM),
        Experiment(Model(2), optimizer=Optimizer.ADAM),
    ]


@pytest.mark.parametrize("wrong", [3, "configs", [1]])
def test_a_sweep_over_something_else_is_refused(wrong):
    with pytest.raises(mlxp.MlxpError, match="a config is made of a mapping, not of"):
        mlxp.sweep(wrong, {"lr": [1]})
