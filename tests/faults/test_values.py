"""What is logged is what MLXP 1.0.5 reads, and what we read: value by value, bit by bit."""

import math

import mlxp_fn as mlxp

VALUES = [
    math.nan, math.inf, -math.inf, -0.0, 5e-324, 0.1, 1.7976931348623157e308,
    0, -(2**63), 2**64 - 1, 2**64, 10**4300 - 1, True, None,
    "", "é😀", "\x00\x1f\x7f\u2028\u2029\x85", "\ud800", "NaN", "null", '"\\/\n',
    [], {}, [1, [math.nan, {"a": [None, -math.inf]}]], {"nested": {"\udfff": [True]}},
]  # fmt: skip


def test_every_value_is_read_as_it_was_logged(tmp_path, read_by_mlxp):
    def task(ctx):
        for value in VALUES:
            ctx.logger.log_metrics({"value": value, "beside": math.nan}, "train")

    mlxp.run(task, {}, tmp_path)

    (ours,) = mlxp.runs(tmp_path)
    (theirs,) = read_by_mlxp([tmp_path, ["train.value", "train.beside"]])
    for read in (ours, theirs[1]):
        # `repr` tells -0.0 from 0.0, and NaN is like NaN.
        assert [repr(value) for value in read["train.value"]] == [repr(value) for value in VALUES]
        assert [repr(value) for value in read["train.beside"]] == ["nan"] * len(VALUES)
