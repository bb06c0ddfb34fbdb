"""What frames answer: the same expressions on the same runs, asked of our frames and of MLXP 1.0.5's."""

import json
import subprocess
import sys

import pytest

import mlxp_fn

ASK = """
import contextlib, importlib, json, sys

with contextlib.redirect_stdout(sys.stderr):
    mlxp = importlib.import_module(sys.argv[1])
    reader = mlxp.Reader(sys.argv[2])

    def last(curves): return [round(curve[-1], 4) for curve in curves]
    def mean_last(curves): return round(sum(last(curves)) / len(curves), 4)
    def first_and_last(curve): return (curve[0], round(curve[-1], 4))
    def total(seeds, rates): return [sum(seeds) + sum(rates)]
    def both(seeds, rates): return ([seed * 10 for seed in seeds], [-rate for rate in rates])
    def bounds(seeds, rates): return ([min(seeds)], [max(rates)])
    def product(seed, rate): return seed * rate
    def length(curve): return len(curve)
    def double(value): return value * 2
    def ranks(values): return [sorted(values).index(value) for value in values]
    def large(rates): return [rate > 1 for rate in rates]
    def best(curves): return [curve[-1] == min(other[-1] for other in curves) for curve in curves]
    def none(values): return [False] * len(values)
    def dearer(seeds, rates): return [seed * rate >= 2 for seed, rate in zip(seeds, rates)]

    def plain(value):
        if type(value).__module__.startswith("pandas"):
            names = list(value.columns)
            index = value.index.names, [list(key) if isinstance(key, tuple) else key for key in value.index]
            return [index, {name: [plain(cell) for cell in value[name]] for name in names}]
        if hasattr(value, "group_keys"):
            groups = sorted(([list(key), plain(group)] for key, group in value.items()), key=repr)
            return [plain(value.group_keys), groups]
        if hasattr(value, "toPandas"):
            if "info.status" in value.keys():  # runs, and not results
                return [row["info.logger.log_id"] for row in value]
            return [{name: plain(row[name]) for name in value.keys()} for row in value]
        if isinstance(value, (list, tuple)) or type(value).__name__ in ("dict_keys", "KeysView"):
            return [plain(item) for item in value]
        return value.item() if hasattr(value, "item") else value

    answers = []
    for expression in json.load(sys.stdin):
        # MLXP's frames change in place: each is asked once.
        frame, other = reader.filter(), reader.filter()
        try:
            answers.append(plain(eval(expression)))
        except Exception as error:
            names = [kind.__name__ for kind in type(error).__mro__]
            answers.append([name for name in ("InvalidKeyError", "InvalidMapError", repr(error)) if name in names])
print(json.dumps(answers))
"""

ANSWERS = {
    # rows and columns
    "[len(frame), len(reader)]": [4, 4],
    "[frame[0]['config.seed'], frame[-1]['config.lr'], frame[1]['train.loss']]": [1, 2.0, [2.0, 1.0]],
    "frame[:]['config.seed']": [1, 1, 2, 2],
    "frame[1:3]['config.lr']": [2.0, 1.0],
    "frame[::-2]['config.lr']": [2.0, 2.0],
    "[row['config.seed'] for row in frame]": [1, 1, 2, 2],
    "['train.loss' in frame.keys(), 'config.none' in frame.keys(), 'train.rare' in frame[0].keys()]": [
        True,
        True,
        True,
    ],
    "[dict(frame[0])['config.none'], 'config.seed' in frame[0], 'seed' in frame[0]]": [None, True, False],
    "frame[0]['train.rare']": [7],
    # diff
    "sorted(frame.diff())": ["config.lr", "config.name", "config.seed"],
    "frame.diff('config.l')": ["config.lr"],
    "frame.diff('train')": ["train.loss"],
    "frame.diff('nothing')": [],
    # maps
    "frame.transform((ranks, 'config.lr'))": [
        {"franks.config.lr": 0},
        {"franks.config.lr": 2},
        {"franks.config.lr": 0},
        {"franks.config.lr": 2},
    ],
    "frame.transform((last, 'train.loss', 'end'))": [{"end": 0.5}, {"end": 1.0}, {"end": 0.5}, {"end": 1.0}],
    "frame.transform([(ranks, ('config.seed', 'config.lr')), (last, 'train.loss')])": [
        {"franks.config.seed": 0, "franks.config.lr": 0, "flast.train.loss": 0.5},
        {"franks.config.seed": 0, "franks.config.lr": 2, "flast.train.loss": 1.0},
        {"franks.config.seed": 2, "franks.config.lr": 0, "flast.train.loss": 0.5},
        {"franks.config.seed": 2, "franks.config.lr": 2, "flast.train.loss": 1.0},
    ],
    "frame.map((length, 'train.loss'))": [
        {"flength.train.loss": 2},
        {"flength.train.loss": 2},
        {"flength.train.loss": 2},
        {"flength.train.loss": 2},
    ],
    "frame.map((double, ('config.seed', 'config.lr'), ('twice', 'rate')))": [
        {"twice": 2, "rate": 2.0},
        {"twice": 2, "rate": 4.0},
        {"twice": 4, "rate": 2.0},
        {"twice": 4, "rate": 4.0},
    ],
    "frame.apply((total, ('config.seed', 'config.lr')))": [{"ftotal.config.seed_config.lr": [12.0]}],
    "frame.apply((both, ('config.seed', 'config.lr'), ('a', 'b')))": [
        {"a": 10, "b": -1.0},
        {"a": 10, "b": -2.0},
        {"a": 20, "b": -1.0},
        {"a": 20, "b": -2.0},
    ],
    "frame.apply((bounds, ('config.seed', 'config.lr'), ('a', 'b')))": [{"a": [1], "b": [2.0]}],
    "frame.apply([(product, ('config.seed', 'config.lr')), (product, ('config.lr', "
    "'config.lr'), 'square')], map_type='Rowwise')": [
        {"fproduct.config.seed_config.lr": 1.0, "square": 1.0},
        {"fproduct.config.seed_config.lr": 2.0, "square": 4.0},
        {"fproduct.config.seed_config.lr": 2.0, "square": 1.0},
        {"fproduct.config.seed_config.lr": 4.0, "square": 4.0},
    ],
    "frame.apply((first_and_last, 'train.loss', ('first', 'last')), map_type='Rowwise')": [
        {"first": 1.0, "last": 0.5},
        {"first": 2.0, "last": 1.0},
        {"first": 1.0, "last": 0.5},
        {"first": 2.0, "last": 1.0},
    ],
    "frame.apply((ranks, 'config.lr'), map_type='Columnwise')": [
        {"franks.config.lr": 0},
        {"franks.config.lr": 2},
        {"franks.config.lr": 0},
        {"franks.config.lr": 2},
    ],
    "frame.apply((double, 'config.seed'), map_type='Pointwise')": [
        {"fdouble.config.seed": 2},
        {"fdouble.config.seed": 2},
        {"fdouble.config.seed": 4},
        {"fdouble.config.seed": 4},
    ],
    "frame.aggregate((mean_last, 'train.loss'))": [{"fmean_last.train.loss": 0.75}],
    "frame.aggregate([(max, ('config.lr', 'config.seed')), (min, 'config.seed', 'least')])": [
        {"fmax.config.lr": 2.0, "fmax.config.seed": 2, "least": 1}
    ],
    # merge
    "frame.merge(other.map((double, 'config.seed', 'config.seed')))[:]['config.seed']": [2, 2, 4, 4],
    "'end' in frame.merge(other.transform((last, 'train.loss', 'end'))).keys()": True,
    "frame.merge(other.transform((last, 'train.loss', 'end')))[:]['end']": [0.5, 1.0, 0.5, 1.0],
    # filter and sort
    "frame.filter((large, 'config.lr'))": [2, 4],
    "frame.filter((none, 'config.lr'))[:]['config.lr']": [],
    "frame.filter((dearer, ('config.seed', 'config.lr')))[:]['config.lr']": [2.0, 1.0, 2.0],
    "frame.filter((best, 'train.loss'), bygroups='config.seed')[:]['train.loss']": [[1.0, 0.5], [1.0, 0.5]],
    "frame.filter((best, 'train.loss'), bygroups=['config.seed', 'config.lr'])[:]['config.seed']": [1, 1, 2, 2],
    "frame.sort('config.lr')[:]['config.seed']": [1, 2, 1, 2],
    "frame.sort('config.lr', ascending=False)[:]['config.seed']": [1, 2, 1, 2],
    "frame.sort(['config.lr', 'config.seed'], ascending=False)[:]['config.seed']": [2, 1, 2, 1],
    "frame.sort('config.name')[:]['config.name']": ["s1", "s1", "s2", "s2"],
    # pandas
    "frame.toPandas()[['config.seed', 'config.none', 'train.loss', 'artifact.pickle.']]": [
        [[None], [0, 1, 2, 3]],
        {
            "config.seed": [1, 1, 2, 2],
            "config.none": [None, None, None, None],
            "train.loss": ["METRIC", "METRIC", "METRIC", "METRIC"],
            "artifact.pickle.": ["ARTIFACT", "ARTIFACT", "ARTIFACT", "ARTIFACT"],
        },
    ],
    "frame.toPandas(lazy=False)[['config.seed', 'train.loss', 'train.rare']]": [
        [[None], [0, 1, 2, 3]],
        {
            "config.seed": [1, 1, 2, 2],
            "train.loss": [[1.0, 0.5], [2.0, 1.0], [1.0, 0.5], [2.0, 1.0]],
            "train.rare": [[7], [7], [7], [7]],
        },
    ],
    "reader.filter('config.seed == 2', result_format='pandas')[['config.lr', 'train.loss']]": [
        [[None], [0, 1]],
        {"config.lr": [1.0, 2.0], "train.loss": [[1.0, 0.5], [2.0, 1.0]]},
    ],
    "frame.aggregate((mean_last, 'train.loss')).toPandas()": [[[None], [0]], {"fmean_last.train.loss": [0.75]}],
    # groups
    "sorted(frame.groupby('config.seed').keys())": [[1], [2]],
    "sorted(frame.groupby(['config.seed', 'config.lr']).keys())": [[1, 1.0], [1, 2.0], [2, 1.0], [2, 2.0]],
    "sorted(frame.groupby(['config.lr', 'config.seed']).keys())": [[1.0, 1], [1.0, 2], [2.0, 1], [2.0, 2]],
    "frame.groupby('config.name').group_keys": ["config.name"],
    "frame.groupby('config.seed')[(2,)][:]['config.lr']": [1.0, 2.0],
    "sorted([list(key), group[:]['config.lr']] for key, group in frame.groupby('config.seed').items())": [
        [[1], [1.0, 2.0]],
        [[2], [1.0, 2.0]],
    ],
    "sorted(list(key) for key in frame.groupby('config.seed'))": [[1], [2]],
    "frame.groupby('config.seed').aggregate((mean_last, 'train.loss'))": [
        ["config.seed"],
        [[[1], [{"fmean_last.train.loss": 0.75}]], [[2], [{"fmean_last.train.loss": 0.75}]]],
    ],
    "frame.groupby('config.seed').aggregate((mean_last, 'train.loss'), ungroup=True).sort('config.seed')": [
        {"config.seed": 1, "fmean_last.train.loss": 0.75},
        {"config.seed": 2, "fmean_last.train.loss": 0.75},
    ],
    "frame.groupby(['config.seed', 'config.name']).aggregate([(mean_last, 'train.loss', 'm'), "
    "(max, 'config.lr')], ungroup=True).sort('config.seed')": [
        {"config.seed": 1, "config.name": "s1", "m": 0.75, "fmax.config.lr": 2.0},
        {"config.seed": 2, "config.name": "s2", "m": 0.75, "fmax.config.lr": 2.0},
    ],
    "frame.groupby('config.seed').aggregate((mean_last, 'train.loss')).toPandas()": [
        [["config.seed", None], [[1, 0], [2, 0]]],
        {"fmean_last.train.loss": [0.75, 0.75]},
    ],
    "frame.groupby('config.seed').transform((ranks, 'config.lr'))": [
        ["config.seed"],
        [
            [[1], [{"franks.config.lr": 0}, {"franks.config.lr": 1}]],
            [[2], [{"franks.config.lr": 0}, {"franks.config.lr": 1}]],
        ],
    ],
    "frame.groupby('config.seed').transform((ranks, 'config.lr'), ungroup=True).sort('config.seed')": [
        {"config.seed": 1, "franks.config.lr": 0},
        {"config.seed": 1, "franks.config.lr": 1},
        {"config.seed": 2, "franks.config.lr": 0},
        {"config.seed": 2, "franks.config.lr": 1},
    ],
    "frame.groupby('config.lr').map((length, 'train.loss'))": [
        ["config.lr"],
        [
            [[1.0], [{"flength.train.loss": 2}, {"flength.train.loss": 2}]],
            [[2.0], [{"flength.train.loss": 2}, {"flength.train.loss": 2}]],
        ],
    ],
    "frame.groupby('config.lr').map((length, 'train.loss'), ungroup=True).sort('config.lr')": [
        {"config.lr": 1.0, "flength.train.loss": 2},
        {"config.lr": 1.0, "flength.train.loss": 2},
        {"config.lr": 2.0, "flength.train.loss": 2},
        {"config.lr": 2.0, "flength.train.loss": 2},
    ],
    "frame.groupby('config.lr').apply((total, ('config.seed', 'config.lr')))": [
        ["config.lr"],
        [[[1.0], [{"ftotal.config.seed_config.lr": [5.0]}]], [[2.0], [{"ftotal.config.seed_config.lr": [7.0]}]]],
    ],
    "frame.groupby('config.lr').apply((product, ('config.seed', 'config.lr')), map_type='Rowwise')": [
        ["config.lr"],
        [
            [[1.0], [{"fproduct.config.seed_config.lr": 1.0}, {"fproduct.config.seed_config.lr": 2.0}]],
            [[2.0], [{"fproduct.config.seed_config.lr": 2.0}, {"fproduct.config.seed_config.lr": 4.0}]],
        ],
    ],
    "frame.groupby('config.seed').filter((best, 'train.loss'))": [["config.seed"], [[[1], [1]], [[2], [3]]]],
    "frame.groupby('config.seed').filter((best, 'train.loss'), ungroup=True).sort('config.seed')[:]['config.lr']": [
        1.0,
        1.0,
    ],
    "frame.groupby('config.seed').filter((best, 'train.loss'), bygroups='config.lr')": [
        ["config.seed"],
        [[[1], [1, 2]], [[2], [3, 4]]],
    ],
    "frame.groupby('config.seed').filter((best, 'train.loss'), bygroups='config.lr', "
    "ungroup=True).sort('config.lr')[:]['config.lr']": [1.0, 1.0, 2.0, 2.0],
    "frame.groupby('config.seed').sort('config.lr', ascending=False)": [
        ["config.seed"],
        [[[1], [2, 1]], [[2], [4, 3]]],
    ],
    "frame.groupby('config.seed').sort('config.lr', ungroup=True).sort('config.lr')[:]['config.seed']": [
        1,
        2,
        1,
        2,
    ],
    "frame.groupby('config.seed').select([(2,)])": [["config.seed"], [[[2], [3, 4]]]],
    "frame.groupby('config.seed').select([(3,)])": [["config.seed"], []],
    "frame.groupby('config.seed').ungroup().sort('config.lr')[:]['config.seed']": [1, 2, 1, 2],
    "frame.groupby('config.seed').groupby('config.lr')": [
        ["config.seed"],
        [
            [[1], [["config.lr"], [[[1.0], [1]], [[2.0], [2]]]]],
            [[2], [["config.lr"], [[[1.0], [3]], [[2.0], [4]]]]],
        ],
    ],
    "frame.groupby('config.seed').groupby('config.lr').group_keys": ["config.seed"],
    # what is no column and no map
    "frame.groupby('seed')": ["InvalidKeyError"],
    "frame.groupby(['config.seed', 'seed'])": ["InvalidKeyError"],
    "frame.filter([(large, 'config.lr'), (large, 'config.lr')])": ["InvalidMapError"],
    "frame.filter((both, ('config.seed', 'config.lr'), ('a', 'b')))": ["InvalidMapError"],
    "reader.filter('seed == 1')": ["InvalidKeyError"],
    # fields
    "[reader.fields.index.name, list(reader.fields.columns)]": ["Fields", ["Type"]],
    "reader.fields.loc[['config.seed', 'config.lr', 'config.none', 'config.name', "
    "'train.loss', 'artifact.pickle.']]": [
        [["Fields"], ["config.seed", "config.lr", "config.none", "config.name", "train.loss", "artifact.pickle."]],
        {"Type": ["<class 'int'>", "<class 'float'>", "<class 'NoneType'>", "<class 'str'>", "METRIC", "Artifact"]},
    ],
    "[name for name in reader.searchable.index if not name.startswith('info.')]": [
        "config.layers",
        "config.lr",
        "config.name",
        "config.none",
        "config.seed",
    ],
    "reader.searchable.loc[['config.seed', 'info.status']]": [
        [["Fields"], ["config.seed", "info.status"]],
        {"Type": ["<class 'int'>", "<class 'str'>"]},
    ],
}
"""Expressions, and what they are as plain data: runs by their ids, groups by the group keys, a pandas frame by its
index and columns, an error by MLXP's name."""


def asked(python, library, logs):
    """What frames of that library answer to each expression."""
    command = [python, "-W", "ignore", "-c", ASK, library, str(logs)]
    done = subprocess.run(command, input=json.dumps(list(ANSWERS)), capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return dict(zip(ANSWERS, json.loads(done.stdout), strict=True))


@pytest.fixture(scope="module")
def logs(tmp_path_factory):
    parent = tmp_path_factory.mktemp("frames") / "logs"

    def task(ctx):
        for step in range(2):
            ctx.logger.log_metrics({"loss": ctx.config.lr / (step + 1)}, "train")
        ctx.logger.log_metrics({"rare": 7}, "train")
        ctx.logger.log_artifacts([ctx.config.lr], "rate.pkl", "pickle")

    base = {"seed": 1, "lr": 1.0, "none": None, "layers": [1, 2]}
    for seed in (1, 2):
        for lr in (1.0, 2.0):
            mlxp_fn.run(task, {**base, "seed": seed, "lr": lr, "name": f"s{seed}"}, parent_log_dir=parent)
    return parent


def test_our_frames_answer(logs):
    assert asked(sys.executable, "mlxp_fn", logs) == ANSWERS


def test_mlxps_frames_answer_the_same(logs, oracle):
    assert asked(oracle, "mlxp", logs) == ANSWERS
