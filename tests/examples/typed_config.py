"""A configuration that is a class of your own: the task is given that class, checked before it starts.

It prints:

    Training(epochs=2, optimizer=Optimizer(lr=0.1))
    0.2
    {'epochs': 2, 'optimizer': {'lr': 0.1}}
"""

from attrs import frozen

import mlxp_fn as mlxp


@frozen
class Optimizer:
    """How to descend."""

    lr: float


@frozen
class Training:
    """What a run is made with."""

    epochs: int
    optimizer: Optimizer


def train(ctx: mlxp.Context) -> float:
    """Return how far the weights have moved."""
    config: Training = ctx.config
    print(config)
    return config.epochs * config.optimizer.lr


if __name__ == "__main__":
    run = mlxp.run(train, Training(epochs=2, optimizer=Optimizer(lr=0.1)), parent_log_dir="./logs")
    print(run.result)
    print(run.config.to_dict())
