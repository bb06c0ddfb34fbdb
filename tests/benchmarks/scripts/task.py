"""A task that does nothing but log; `$LIBRARY` says by which library."""

import os
from importlib import import_module

mlxp = import_module(os.environ["LIBRARY"])


@mlxp.launch(config_path="./configs")
def task(ctx):
    loss = ctx.config.loss
    for call in range(ctx.config.calls):
        ctx.logger.log_metrics({"loss": loss, "accuracy": 0.9, "iter": call}, log_name="train")


if __name__ == "__main__":
    task()
