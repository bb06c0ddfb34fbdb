"""A sweep without a command line: run it, ask it, again and again.

It prints:

    4 runs, 4 complete
    0.1: loss 0.35 at the end
    0.2: loss 0.06 at the end
"""

from toolz import pipe

import mlxp_fn as mlxp


def descend(ctx: mlxp.Context) -> float:
    """Minimize x² from 1 + seed/10."""
    x = 1 + ctx.config.seed / 10
    for step in range(3):
        x -= ctx.config.lr * 2 * x
        ctx.logger.log_metrics({"step": step, "loss": x**2}, log_name="train")
    return x**2


if __name__ == "__main__":
    config = {"seed": 0, "lr": 0.1}
    runs = mlxp.run(descend, mlxp.sweep(config, {"lr": [0.1, 0.2], "seed": [1, 2]}), parent_log_dir="./logs")
    print(f"{len(runs)} runs, {sum(run.status == 'COMPLETE' for run in runs)} complete")
    by_rate = pipe(runs, mlxp.group_by("config.lr"), mlxp.aggregate(mlxp.AvgStd("train.loss")))
    for row in by_rate:
        print(f"{row['config.lr']}: loss {row['train.loss_avg'][-1]:.2f} at the end")
