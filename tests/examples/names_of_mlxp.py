"""A script written for MLXP 1.0.5: only its import has changed.

It prints:

    [1, 2]
    ['config.seed']
    [3.0, 1.5, 1.0]
"""

import mlxp_fn as mlxp


def set_seeds(seed):
    """Nothing is random here."""


@mlxp.launch(config_path="./configs", seeding_function=set_seeds)
def task_function(ctx: mlxp.Context) -> None:
    """Log a loss that falls."""
    config, logger = ctx.config, ctx.logger
    for iteration in range(3):
        logger.log_metrics({"loss": 3 * config.seed / (iteration + 1), "iter": iteration}, log_name="train")


if __name__ == "__main__":
    task_function(overrides=["+seed=1,2"])
    reader = mlxp.Reader("./logs/")
    results = reader.filter(query_string="info.status == 'COMPLETE' & config.seed <= 2")
    print(results[:]["config.seed"])
    print(results.diff())
    print(results[0]["train.loss"])
