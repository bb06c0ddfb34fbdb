"""Ask the runs in ./logs: which setting is best, on average over the seeds?"""

import matplotlib.pyplot as plt
from toolz import pipe

import mlxp_fn as mlxp

settings = pipe(
    mlxp.runs("./logs"),
    mlxp.where("info.status == 'COMPLETE'"),
    mlxp.group_by(all_but="config.seed"),
)
table = pipe(
    settings,
    mlxp.aggregate(runs=mlxp.Count("config.seed"), accuracy=mlxp.AvgStd(mlxp.Last("test.accuracy"))),
    mlxp.sort_by("accuracy_avg", descending=True),
)
print(table)

mlxp.plot(settings, "test.accuracy", x="test.epoch")
plt.savefig("accuracy.png", dpi=150)
print("The curves are in accuracy.png")
