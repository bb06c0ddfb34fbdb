"""Small scripts for the names and options of MLXP 1.0.5: in compatibility mode they print what is written here and
leave what they leave under MLXP itself, which is asked where it is installed.
"""

import json
import subprocess
import sys
import textwrap
from pathlib import Path

import pytest
import yaml
from attrs import frozen

CONFIGS = {
    "configs/config.yaml": """
    seed: 0
    lr: 0.1
    name: ${optimizer.name}-${seed}
    layers: [1, 2]
    empty: null
    optimizer: {name: sgd, momentum: 0.9}
    """,
}

SCRIPTS = {}
"""By a claim: the script, its command lines, and what they print."""

SCRIPTS["a task is given its context"] = (
    """
    import mlxp


    def set_seeds(seed):
        print("seed", seed)


    @mlxp.launch(config_path="./configs", seeding_function=set_seeds)
    def main(ctx: mlxp.Context) -> None:
        config = ctx.config
        print(config, end="")
        print(type(config).__name__, type(config.optimizer).__name__, type(config.layers).__name__)
        config.optimizer.lr = {"decay": 1}
        config.update({"optimizer": {"momentum": 0}, "layers": []})
        print(list(config.to_dict()))
        print(config.to_dict()["optimizer"], config.layers, config.new.key)
        print(ctx.info.info.status, ctx.info.info.logger.log_id, ctx.info.info.end_date == "", list(ctx.info))
        settings = ctx.mlxp.mlxp
        print(settings.use_logger, settings.use_scheduler, settings.resolve, settings.logger.forced_log_id)
        print(isinstance(ctx, mlxp.Context), type(ctx.logger).__name__, list(ctx.mlxp))
        print(mlxp.Context().config, mlxp.Context(1, logger=2).logger)


    if __name__ == "__main__":
        main()
    """,
    [["seed=3", "optimizer.momentum=0.5", "+new.key=[1,b]"]],
    """
    seed 3
    empty: null
    layers:
    - 1
    - 2
    lr: 0.1
    name: sgd-3
    new:
      key:
      - 1
      - b
    optimizer:
      momentum: 0.5
      name: sgd
    seed: 3
    ConfigDict ConfigDict list
    ['seed', 'lr', 'name', 'layers', 'empty', 'optimizer', 'new']
    {'name': 'sgd', 'momentum': 0, 'lr': {'decay': 1}} [] [1, 'b']
    RUNNING 1 True ['info']
    True False True -1
    True DefaultLogger ['mlxp']
    None 2
    """,
)

SCRIPTS["schedulers and settings are told of"] = (
    """
    import mlxp
    from mlxp.data_structures.schemas import ConfigGitVM, ConfigLogger, Info, Metadata, MLXPConfig
    from mlxp.mlxpsub import main as submit, mlxpsub
    from mlxp.scheduler import LSF, Schedulers_dict


    @mlxp.launch(config_path="./configs")
    def main(ctx: mlxp.Context) -> None:
        for directive, told in Schedulers_dict.items():
            flags = [told[f"{what}_cmd"] for what in ("job_name", "output_file", "error_file")]
            print(directive, told["name"], told["directive"], flags)
        print(LSF is Schedulers_dict["#BSUB"], LSF["submission_cmd"], Schedulers_dict["#OAR"]["submission_cmd"])
        print(ConfigLogger(parent_log_dir="a"), ConfigGitVM())
        settings = MLXPConfig(use_scheduler=True)
        settings.use_logger = False
        print(settings.use_logger, settings.use_scheduler, settings.as_ConfigDict, settings.version_manager.name)
        print(Info(hostname="h").status, Metadata().info.process_id, Metadata().mlxp.resolve, Metadata().config)
        print(callable(submit), callable(mlxpsub))


    if __name__ == "__main__":
        main()
    """,
    [["seed=3"]],
    """
    #OAR OARScheduler #OAR ['-n ', '-O ', '-E ']
    #SBATCH SLURMScheduler #SBATCH ['--job-name=', '--output=', '--error=']
    #BSUB LSFScheduler #BSUB ['-J ', '-o ', '-e ']
    #MSUB MWMScheduler #MSUB ['-N ', '-o ', '-e ']
    #$ SGEScheduler #$ ['-N ', '-o ', '-e ']
    #PBS PBSScheduler #PBS ['-N ', '-o ', '-e ']
    True bsub oarsub -S
    ConfigLogger(name='mlxp.DefaultLogger', parent_log_dir='a', forced_log_id=-1, log_streams_to_file=False) \
ConfigGitVM(name='mlxp.GitVM', parent_work_dir='./.work_dir', compute_requirements=False)
    False True True mlxp.GitVM
    STARTING -1 True None
    True True
    """,
)

SCRIPTS["a logger keeps metrics, artifacts and checkpoints"] = (
    """
    import os

    import mlxp
    from mlxp.errors import InvalidArtifactError, InvalidKeyError
    from mlxp.logger import Logger


    def save(value, path):
        with open(path, "w") as file:
            file.write(value)


    def load(path):
        with open(path) as file:
            return file.read()


    @mlxp.launch()
    def main(ctx):
        logger = ctx.logger
        print(isinstance(logger, Logger), logger.log_id, os.path.relpath(logger.log_dir), sorted(logger.get_info()))
        for folder in (logger.metrics_dir, logger.artifacts_dir, logger.metadata_dir):
            print(os.path.relpath(folder, logger.parent_log_dir), os.path.isdir(folder))
        for step in range(2):
            logger.log_metrics({"loss": ctx.config.lr / (step + 1), "step": step}, log_name="train")
        logger.log_metrics({"text": "é", "none": None, "nan": float("nan"), "list": [1]}, "other")
        logger.log_artifacts({"a": [1, 2]}, "first.pkl", "pickle")
        logger.log_artifacts({"a": [3]}, "best/second.pkl", "pickle")
        logger.register_artifact_type("text", save, load)
        logger.log_artifacts("hello", "hello.txt", "text")
        print(logger.load_artifacts("hello.txt", "text"), logger.load_artifacts("best/second.pkl"))
        print(logger.load_artifacts("first.pkl", root=logger.log_dir))
        logger.log_checkpoint({"step": 1})
        logger.log_checkpoint({"step": 2}, log_name="other")
        print(logger.load_checkpoint("pickle/checkpoint"), logger.load_artifacts("other", "pickle"))
        print(logger.load_checkpoint("checkpoint", root=os.path.join(logger.artifacts_dir, "pickle")))
        for name in ("info", "config", "mlxp", "artifacts"):
            try:
                logger.log_metrics({"a": 1}, name)
            except InvalidKeyError as error:
                print(type(error).__name__ != "", name)
        try:
            logger.log_artifacts(1, "a", "no_such_type")
        except InvalidArtifactError:
            print("no such type")


    main()
    """,
    [["lr=1"]],
    """
    True 1 logs/1 ['artifacts_dir', 'log_dir', 'log_id', 'metadata_dir', 'metrics_dir']
    1/metrics True
    1/artifacts True
    1/metadata True
    hello {'a': [3]}
    {'a': [1, 2]}
    {'step': 1} {'step': 2}
    {'step': 1}
    True info
    True config
    True mlxp
    True artifacts
    no such type
    """,
)

SCRIPTS["objects are made from names"] = (
    """
    from omegaconf import OmegaConf

    import mlxp
    from mlxp.data_structures.config_dict import ConfigDict, convert_dict
    from mlxp.launcher import instance_from_dict, instantiate

    print(instantiate("fractions.Fraction")(1, 2), instance_from_dict("fractions.Fraction", {"numerator": 5}))
    for name in ("no_such_module.X", "os.no_such"):
        try:
            instantiate(name)
        except (ImportError, AttributeError) as error:
            print(isinstance(error, ImportError))
    config = convert_dict(OmegaConf.create({"a": {"b": [1, 2]}, "c": "${a.b}"}))
    print(type(config) is ConfigDict is mlxp.ConfigDict, type(config.a.b).__name__, config.to_dict())
    config.a.d = 1
    config["e"] = config.a.d
    config.update({"a": {"d": 2, "f": {"g": 3}}})
    print(config, config == {"a": {"b": [1, 2], "d": 2, "f": {"g": 3}}, "c": [1, 2], "e": 1})
    print(isinstance(config, dict), config.a.f.g, "z" in config, config.get("z", 0), hasattr(config, "z"))
    print(ConfigDict({"x": 1}, y=2), end="")
    """,
    [[]],
    """
    1/2 5
    True
    False
    True list {'a': {'b': [1, 2]}, 'c': [1, 2]}
    a:
      b:
      - 1
      - 2
      d: 2
      f:
        g: 3
    c:
    - 1
    - 2
    e: 1
     True
    True 3 False 0 False
    x: 1
    y: 2
    """,
)

SCRIPTS["settings have their effect"] = (
    """
    import sys

    import mlxp


    @mlxp.launch()
    def main(ctx):
        config = ctx.config
        shown = (type(config).__name__, config.name, ctx.logger and ctx.logger.log_id, ctx.info.info.logger is None)
        print(*shown, file=sys.stderr if ctx.mlxp.mlxp.logger.log_streams_to_file else sys.stdout)
        if ctx.logger:
            ctx.logger.log_metrics({"a": config.seed}, "m")


    main()
    """,
    [
        ["+mlxp.as_ConfigDict=false"],
        ["+mlxp.use_logger=false"],
        ["+mlxp.logger.forced_log_id=7", "seed=7"],
        ["+mlxp.logger.parent_log_dir=./other", "seed=1,2"],
        ["+mlxp.logger.log_streams_to_file=true", "seed=9"],
    ],
    """
    DictConfig sgd-0 1 False
    ConfigDict sgd-0 None True
    ConfigDict sgd-7 7 False
    ConfigDict sgd-1 1 False
    ConfigDict sgd-2 2 False
    """,
)

SCRIPTS["classes of the user's own are named in the settings"] = (
    """
    import mlxp
    from mlxp.logger import DefaultLogger, Logger
    from mlxp.parser import DefaultParser, Parser
    from mlxp.version_manager import VersionManager


    class Counting(Logger):
        def __init__(self, parent_log_dir, forced_log_id, log_streams_to_file=False, start=0):
            super().__init__(parent_log_dir, forced_log_id, log_streams_to_file)
            self.count = start

        def log_metrics(self, metrics_dict, log_name):
            self.count += 1
            super().log_metrics({**metrics_dict, "count": self.count}, log_name)


    class Here(VersionManager):
        def __init__(self, parent_work_dir, compute_requirements=False):
            super().__init__()

        def make_working_directory(self):
            import os

            return os.getcwd()

        def get_info(self):
            return {"commit_hash": "abc"}


    class Short(DefaultParser):
        def parse(self, query):
            return super().parse(query.replace("C.", "config."))


    @mlxp.launch()
    def main(ctx):
        print(type(ctx.logger).__name__, ctx.logger.count, dict(ctx.info.info.version_manager))
        ctx.logger.log_metrics({"seed": ctx.config.seed}, "m")


    if __name__ == "__main__":
        main()
        import contextlib, io
        with contextlib.redirect_stdout(io.StringIO()):
            reader = mlxp.Reader("logs", parser=Short())
        print(isinstance(Short(), Parser), [row["m.count"] for row in reader.filter("C.seed <= 1")])
    """,
    [
        [
            "seed=1",
            "+mlxp.logger.name=main.Counting",
            "+mlxp.logger.start=4",
            "+mlxp.use_version_manager=true",
            "+mlxp.version_manager.name=main.Here",
        ]
    ],
    """
    Counting 4 {'commit_hash': 'abc'}
    True [[5]]
    """,
)

SCRIPTS["a task is called with a config"] = (
    """
    import mlxp
    from omegaconf import OmegaConf


    @mlxp.launch()
    def main(ctx):
        print(ctx.config.to_dict(), ctx.logger.log_id)


    main(OmegaConf.create({"a": [1, 2], "b": {"c": "${a}"}}))
    main(OmegaConf.create({"a": 2}))
    """,
    [[]],
    """
    {'a': [1, 2], 'b': {'c': [1, 2]}} 1
    {'a': 2} 2
    """,
)

SCRIPTS["enumerations and errors have their names and values"] = (
    """
    from mlxp import enumerations, errors

    for kind in ("Status", "Directories", "DataFrameType", "SearchableKeys"):
        print(kind, sorted(member.value for member in getattr(enumerations, kind)))
    for name in (
        "JobSubmissionError InvalidKeyError MissingFieldError InvalidArtifactError InvalidMapError "
        "InvalidShellPathError UnknownSystemError InvalidSchedulerError InvalidConfigFileError"
    ).split():
        print(name, issubclass(getattr(errors, name), Exception))
    """,
    [[]],
    """
    Status ['COMPLETE', 'FAILED', 'RUNNING', 'STARTING']
    Directories ['artifacts', 'metadata', 'metrics', 'sessions']
    DataFrameType ['datadict', 'pandas']
    SearchableKeys ['config.', 'info.']
    JobSubmissionError True
    InvalidKeyError True
    MissingFieldError True
    InvalidArtifactError True
    InvalidMapError True
    InvalidShellPathError True
    UnknownSystemError True
    InvalidSchedulerError True
    InvalidConfigFileError True
    """,
)

SCRIPTS["a reader answers, and frames are worked with"] = (
    """
    import contextlib
    import io

    import mlxp
    from mlxp.data_structures.dataframe import GroupedDataFrame
    from mlxp.errors import InvalidKeyError


    @mlxp.launch()
    def main(ctx):
        for step in range(3):
            ctx.logger.log_metrics({"loss": ctx.config.lr / (step + 1)}, "train")
        ctx.logger.log_artifacts({"lr": ctx.config.lr}, "result.pkl", "pickle")


    def last(curves):
        return [round(curve[-1], 4) for curve in curves]

    def mean_last(curves):
        return round(sum(last(curves)) / len(curves), 4)

    def total(seeds, rates):
        return [sum(seeds) + sum(rates)]

    def product(seed, rate):
        return seed * rate

    def length(curve):
        return len(curve)

    def large(rates):
        return [rate > 1 for rate in rates]

    main()
    with contextlib.redirect_stdout(io.StringIO()):
        reader = mlxp.Reader("./logs")
    frame = reader.filter(query_string="info.status in ['COMPLETE', 'RUNNING'] & config.seed >= 1")
    print(len(reader), len(frame), isinstance(frame, mlxp.DataFrame), sorted(frame.diff()))
    print(frame[0]["train.loss"], frame[:]["config.seed"], [row["config.lr"] for row in frame])
    print(frame[1:]["config.name"], "train.loss" in frame.keys(), frame[-1]["config.layers"])
    print(frame[0]["artifact.pickle."]["result.pkl"].load())
    shown = frame.toPandas()[["config.seed", "config.lr", "train.loss"]]
    print(shown)
    print(frame.toPandas(lazy=False)["train.loss"].map(len).tolist(), end=" ")
    print(type(reader.filter(result_format="pandas")).__name__)
    print(frame.aggregate((mean_last, "train.loss")))
    print(frame.aggregate([(max, ("config.lr", "config.seed")), (min, "config.seed", "least")]))
    print(frame.apply((total, ("config.seed", "config.lr"))))
    print(frame.apply((product, ("config.seed", "config.lr"), "both"), map_type="Rowwise"))
    print(frame.apply((length, "train.loss"), map_type="Pointwise"), frame.map((length, "train.loss")).keys())
    print(frame.transform((last, "train.loss", "end")))
    print(frame.filter((large, "config.lr"))[:]["config.seed"])
    print(frame.sort("config.lr", ascending=False)[:]["config.lr"], end=" ")
    print(frame.sort(["config.seed", "config.lr"])[0]["config.lr"])
    groups = frame.groupby("config.seed")
    print(isinstance(groups, GroupedDataFrame), groups.group_keys, sorted(groups.keys()), len(groups[(1,)]))
    print(groups.aggregate((mean_last, "train.loss")))
    table = groups.aggregate((mean_last, "train.loss"), ungroup=True).sort("config.seed")
    print([(row["config.seed"], row["fmean_last.train.loss"]) for row in table])
    print(sorted(row["config.seed"] for row in groups.select([(2,)]).ungroup()))
    print(sorted(groups.groupby("config.lr")[(2,)].keys()))
    print(groups.sort("config.lr", ascending=False)[(1,)][:]["config.lr"])
    print(groups.filter((large, "config.lr"))[(2,)][:]["config.lr"], end=" ")
    print(groups.map((length, "train.loss"))[(1,)].keys())
    print(frame.filter((large, "config.lr"), bygroups="config.seed")[:]["config.lr"])
    try:
        frame.groupby("no.such")
    except InvalidKeyError:
        print("no such column")
    try:
        reader.filter("config.seed ==")
    except SyntaxError:
        print("no query")
    print(reader.fields.loc[["config.seed", "config.lr", "train.loss", "artifact.pickle.", "info.status"]])
    print(reader.searchable.index.name, "train.loss" in reader.searchable.index)
    """,
    [["seed=1,2", "lr=1.0,2.0"]],
    """
    4 4 True ['config.lr', 'config.name', 'config.seed']
    [1.0, 0.5, 0.3333333333333333] [1, 1, 2, 2] [1.0, 2.0, 1.0, 2.0]
    ['sgd-1', 'sgd-2', 'sgd-2'] True [1, 2]
    {'lr': 1.0}
       config.seed  config.lr train.loss
    0            1        1.0     METRIC
    1            1        2.0     METRIC
    2            2        1.0     METRIC
    3            2        2.0     METRIC
    [3, 3, 3, 3] DataFrame
       fmean_last.train.loss
    0                    0.5
       fmax.config.lr  fmax.config.seed  least
    0             2.0                 2      1
      ftotal.config.seed_config.lr
    0                       [12.0]
       both
    0   1.0
    1   2.0
    2   2.0
    3   4.0
       flength.train.loss
    0                   3
    1                   3
    2                   3
    3                   3 ['flength.train.loss']
          end
    0  0.3333
    1  0.6667
    2  0.3333
    3  0.6667
    [1, 2]
    [2.0, 2.0, 1.0, 1.0] 1.0
    True ['config.seed'] [(1,), (2,)] 2
                   fmean_last.train.loss
    config.seed
    1           0                    0.5
    2           0                    0.5
    [(1, 0.5), (2, 0.5)]
    [2, 2]
    [(1.0,), (2.0,)]
    [2.0, 1.0]
    [2.0] ['flength.train.loss']
    [2.0, 2.0]
    no such column
    no query
                                 Type
    Fields
    config.seed         <class 'int'>
    config.lr         <class 'float'>
    train.loss                 METRIC
    artifact.pickle.         Artifact
    info.status         <class 'str'>
    Fields False
    """,
)


OURS = {"mlxp.yaml", "run.json", "config_unresolved.yaml", "mlxp_fn.json", "database.json", "custom_types.yaml"}
"""Files beside MLXP's; the last two are MLXP's alone: a database, and code in a log directory."""


def left(root):
    """What lies in the log directories below `root`: files, and their content where it is to be equal."""
    found = {}
    for path in sorted(Path(root).rglob("*")):
        inner = path.relative_to(root).as_posix()
        if not path.is_file() or path.name in OURS or "/events/" in inner or ".mlxp_fn" in inner:
            continue
        if not inner.startswith(("logs/", "other/")):
            continue
        found[inner] = content(path)
    return found


VARYING = {"hostname", "executable", "process_id", "start_date", "start_time", "end_date", "end_time"}
MLXPS_TYPES = {"pickle", "numpy", "torch", "image"}
KEYS = {"status", "current_file_path", "work_dir", "logger", "scheduler", "version_manager", *VARYING}


def content(path):
    if path.suffix == ".yaml":
        tree = yaml.safe_load(path.read_text())
        if path.name == "artifacts.yaml":
            tree = {kind: names for kind, names in tree.items() if kind in MLXPS_TYPES}
        if path.name == "info.yaml":
            tree = {key: value for key, value in tree.items() if key in KEYS}
            return json.dumps({key: "" if key in VARYING else value for key, value in tree.items()}, sort_keys=True)
        return json.dumps(tree, sort_keys=True)
    if path.parent.name == "metrics":
        return [json.dumps(json.loads(line), sort_keys=True) for line in path.read_text().splitlines()]
    return path.read_text() if path.suffix in (".txt", ".stdout", ".stderr") else "there"


def printed(python, root, command_lines):
    """What a script prints, all its command lines after one another, without blanks at the ends of lines."""
    said: list[str] = []
    for arguments in command_lines:
        command = [*python, "main.py", *arguments]
        done = subprocess.run(command, cwd=root, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr
        said += [f"{line.rstrip()}\n" for line in done.stdout.splitlines()]
    return "".join(said)


COMPAT = [sys.executable, "-m", "mlxp_fn.compat"]


@frozen
class Ran:
    """A script that has run in compatibility mode; what it left has been put aside."""

    project: Path
    command_lines: list[list[str]]
    expected: str
    printed: str
    left: dict[str, object]


@pytest.fixture(scope="module", params=SCRIPTS)
def ran(request, tmp_path_factory):
    script, command_lines, expected = SCRIPTS[request.param]
    project = tmp_path_factory.mktemp("differential") / "project"
    for name, text in {"main.py": script, **CONFIGS}.items():
        (project / name).parent.mkdir(parents=True, exist_ok=True)
        (project / name).write_text(textwrap.dedent(text).lstrip("\n"))
    said = printed(COMPAT, project, command_lines)
    there = left(project)
    # The other runs in the same place, for absolute paths are recorded.
    for folder in ("logs", "other"):
        if (project / folder).exists():
            (project / folder).rename(project.parent / folder)
    return Ran(project, command_lines, textwrap.dedent(expected).lstrip("\n"), said, there)


def test_in_compatibility_mode_a_script_prints_what_mlxp_prints(ran):
    assert ran.printed == ran.expected


def test_under_mlxp_a_script_prints_the_same_and_leaves_the_same(ran, oracle):
    assert printed([oracle], ran.project, ran.command_lines) == ran.expected
    assert left(ran.project) == ran.left
