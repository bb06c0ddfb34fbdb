"""One question asked of the log directory `logs`: questions.py QUESTION logs

Prints the seconds of CPU, of all threads, that the answer took, by how many bytes the process grew, and the answer.
`$LIBRARY` is mlxp, mlxp_fn, duckdb or polars; what each question needs beforehand is not counted.
"""

import os
import resource
import shutil
import sys
import time
from importlib import import_module
from pathlib import Path

library = import_module(os.environ["LIBRARY"])
NAME = library.__name__
if NAME == "mlxp_fn":
    # What MLXP imports at once, we do where it is needed.
    import numpy  # noqa: F401

    library.Reader, library.AvgStd  # noqa: B018
KEYS = ["config.lr", "config.model.width"]
QUERY = "config.lr <= 0.05 & info.status == 'COMPLETE'"


def forget(logs):
    (logs / "database.json").unlink(missing_ok=True)
    shutil.rmtree(logs / ".mlxp_fn/index", ignore_errors=True)


def first(logs):
    forget(logs)
    return lambda: len(library.Reader(logs))


def again(logs):
    """MLXP has to be told that nothing has changed."""
    library.Reader(logs)
    return lambda: len(library.Reader(logs, refresh=False))


def stats(logs):
    """What nobody who notices changes can do without: two calls of `stat` a run."""
    directory = os.open(logs, os.O_RDONLY)

    def look():
        names = sorted(filter(str.isdigit, os.listdir(directory)), key=int)
        for name in names:
            os.stat(f"{name}/metadata/config.yaml", dir_fd=directory)
            os.stat(f"{name}/metadata/events", dir_fd=directory)
        return len(names)

    return look


def changed(logs):
    """One run has changed since all were read."""
    library.Reader(logs)
    config = logs / "7/metadata/config.yaml"
    text = config.read_text()
    number = time.time_ns()
    config.write_text(text.replace("seed: 7\n", f"seed: {number}\n"))

    def ask():
        seeds = library.Reader(logs).filter()["config.seed"]
        config.write_text(text)
        return number in seeds

    return ask


def matching(logs):
    reader = library.Reader(logs, refresh=False)
    return lambda: len(reader.filter(query_string=QUERY))


def of_last(curves):
    return sum(curve[-1] for curve in curves) / len(curves)


def by_two_keys(frame):
    if NAME == "mlxp_fn":
        table = library.group_by(*KEYS)(frame).aggregate(library.AvgStd(library.Last("train.loss")), ungroup=True)
        rows = zip(table["config.lr"], table["config.model.width"], table["train.loss_last_avg"], strict=True)
    else:
        table = frame.groupby(KEYS).aggregate((of_last, "train.loss"))
        rows = ((*key, table[key][0]["fof_last.train.loss"]) for key in table.keys())  # noqa: SIM118
    return told(rows)


def told(rows):
    return [(round(lr, 9), width, round(loss, 9)) for lr, width, loss in sorted(rows)]


def grouped(logs):
    frame = library.Reader(logs, refresh=False).filter()
    return lambda: by_two_keys(frame)


def from_files(logs):
    """All from opening the directory to the averages; an index may be there."""
    if NAME == "mlxp_fn":
        library.Reader(logs)
        return lambda: by_two_keys(library.Reader(logs).filter())
    return {"duckdb": with_duckdb, "polars": with_polars}[NAME](logs)


def from_files_first(logs):
    forget(logs)
    return lambda: by_two_keys(library.Reader(logs).filter())


def with_duckdb(logs):
    query = f"""
        WITH last AS (
            SELECT CAST(split_part(filename, '/', -3) AS BIGINT) AS id, arg_max(loss, iter) AS loss
            FROM read_json('{logs}/*/metrics/train.json', format='newline_delimited', filename=true,
                           columns={{iter: 'BIGINT', loss: 'DOUBLE'}})
            GROUP BY id),
        runs AS (
            SELECT id, config.lr AS lr, config."model.width" AS width
            FROM read_json('{logs}/*/metadata/run.json', format='newline_delimited',
                           columns={{id: 'BIGINT', config: 'STRUCT(lr DOUBLE, "model.width" BIGINT)'}}))
        SELECT lr, width, avg(loss) FROM runs JOIN last USING (id) GROUP BY lr, width"""
    return lambda: told(library.sql(query).fetchall())


def with_polars(logs):
    pl = library

    def ask():
        lines = pl.scan_ndjson(
            f"{logs}/*/metrics/train.json", schema={"loss": pl.Float64, "iter": pl.Int64}, include_file_paths="file"
        )
        last = lines.group_by("file").agg(pl.col("loss").sort_by("iter").last())
        last = last.with_columns(id=pl.col("file").str.split("/").list.get(-3).cast(pl.Int64))
        config = pl.Struct({"lr": pl.Float64, "model.width": pl.Int64})
        runs = pl.scan_ndjson(f"{logs}/*/metadata/run.json", schema={"id": pl.Int64, "config": config})
        joined = runs.join(last, on="id").unnest("config")
        return told(joined.group_by("lr", "model.width").agg(pl.col("loss").mean()).collect().iter_rows())

    return ask


def curves(logs):
    frame = library.Reader(logs).filter()

    def ask():
        table = frame.groupby("config.model.width").aggregate(library.AvgStd("train.loss"), ungroup=True)
        return [round(curve[-1], 9) for curve in table["train.loss_avg"]]

    return ask


answer_to = globals()[sys.argv[1]](Path(sys.argv[2]))
grown = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
began = time.process_time()
answer = answer_to()
seconds = time.process_time() - began
grown = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - grown
print(seconds, grown * 1024, repr(answer))
