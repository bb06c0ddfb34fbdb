"""The steps of a pipeline: each takes its settings and returns a function of one frame.

pipe(runs("logs"),
     where("info.status == 'COMPLETE' & config.lr < 0.1"),
     group_by("config.model.width"),
     aggregate(AvgStd("train.loss")))
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any, Protocol

from mlxp_fn.errors import InvalidKeyError, InvalidMapError, QueryError
from mlxp_fn.records import STEP_COLUMNS
from mlxp_fn.results.aggregating import Aggregate, as_aggregates, as_named
from mlxp_fn.results.frame import Frame
from mlxp_fn.results.groups import GroupedFrame
from mlxp_fn.results.naming import column_names, nearest
from mlxp_fn.results.query import Query, keys
from mlxp_fn.results.query_columns import compile_query
from mlxp_fn.results.query_parser import parse
from mlxp_fn.results.row import Row

if TYPE_CHECKING:
    import pandas
    import polars
    import pyarrow


class HasFrame(Protocol):
    """Anything that runs can be taken from: a frame, groups of one, a reader, the runs of a sweep."""

    def frame(self) -> Frame: ...


Step = Callable[[HasFrame], Frame]


def where(query: str | Query | Callable[[Row], bool]) -> Step:
    """Keep the runs for which a query holds, or for which a function of the row does.

    A key that no run has makes no comparison true; a warning names the nearest. Raises `QueryError` at once for a
    text that is no query.
    """
    if callable(query):
        return lambda source: _where_function(_frame(source), query)
    if not isinstance(query, str | Query):
        raise QueryError(f"a query is a text, or a function of the row, and not {query!r}")
    parsed = parse(query) if isinstance(query, str) else query
    choose = compile_query(parsed)

    def step(source: HasFrame) -> Frame:
        frame = _frame(source)
        _tell_of_unknown(parsed, frame)
        return frame.take(choose(frame))

    return step


def select(*columns: str | Sequence[str]) -> Step:
    """Keep these columns."""
    names = column_names(columns)
    return lambda source: _frame(source).select(*names)


def derive(**columns: Callable[[Row], Any]) -> Step:
    """Add columns: each the values of a function of the row.

    >>> frame = Frame({"config.width": [8, 16]})
    >>> derive(area=lambda run: run["config.width"] ** 2)(frame)["area"]
    [64, 256]
    """

    for name, function in columns.items():
        if not callable(function):
            raise InvalidMapError(f"{name}={function!r} is no function of the row")

    def step(source: HasFrame) -> Frame:
        frame = _frame(source)
        return frame.with_columns({name: [function(row) for row in frame] for name, function in columns.items()})

    return step


def group_by(
    *keys: str | Sequence[str], all_but: str | Sequence[str] | None = None
) -> Callable[[HasFrame], GroupedFrame]:
    """Group the runs by the values of columns, or by every column of the config that varies, `all_but` some.

    >>> frame = Frame({"config.lr": [0.1, 0.1, 1.0], "config.seed": [1, 2, 1], "config.task": ["a", "a", "a"]})
    >>> group_by(all_but="config.seed")(frame).group_keys
    ['config.lr']
    """
    names = column_names(keys)
    if bool(names) == (all_but is not None):
        raise InvalidKeyError("group_by takes the columns to group by, or all_but=..., and not both")

    def step(source: HasFrame) -> GroupedFrame:
        frame = _frame(source)
        if all_but is None:
            return frame.groupby(names)
        left_out = column_names([all_but])
        for name in left_out:
            frame.cells(name)  # which says so if there is no such column
        return frame.groupby([name for name in frame.diff("config.") if name not in left_out])

    return step


def aggregate(*aggregates: Any, **named: Any) -> Step:
    """One row for each group: the group keys as columns, then the results. Of a frame without groups, one row.

    An aggregate is `AvgStd("train.loss")` or the like, or a map of MLXP's, `(function, column)`. With a name,
    `best=(min, "final.loss")`, the function is given one value of each run: of a metric, the last.
    """
    listed = [
        *(one for given in aggregates for one in as_aggregates(given)),
        *(as_named(*pair) for pair in named.items()),
    ]
    return lambda source: _aggregated(source, listed)


def sort_by(*keys: str | Sequence[str], descending: bool = False) -> Step:
    """Sort by the values of columns; runs that lack them come last."""
    names = column_names(keys)
    return lambda source: _frame(source).sort(names, ascending=not descending)


def join(other: HasFrame, on: str | Sequence[str], how: str = "left") -> Step:
    """Add the columns of another frame where its row has the same values in the columns `on`: averages beside the
    runs they are of, or two aggregates beside each other.

    A row that finds none lacks the columns, or with `how="inner"` is left out. Raises `InvalidMapError` where
    several rows would do, or where both have a column that is not in `on`.
    """
    from mlxp_fn.results.joining import joined

    keys = column_names([on])
    return lambda source: joined(_frame(source), _frame(other), keys, how)


def long(*metrics: str | Sequence[str], steps: str | Sequence[str] = STEP_COLUMNS) -> Step:
    """One row for every value of these metrics, or of all: `run, row, step, metric, value`.

    `row` is the number of the line in its log, from 0, so that values of one line stay together; `step` is the
    line's value of the first of `steps` that it has. Raises `InvalidKeyError` for a column that is no metric.
    """
    from mlxp_fn.results.long_form import long_form

    names, kinds = column_names(metrics), column_names([steps])
    return lambda source: long_form(_frame(source), names, kinds)


def head(n: int = 5) -> Step:
    """Keep the first `n` rows."""
    return lambda source: _frame(source)[:n]


def collect() -> Step:
    """The frame itself, of whatever can give one."""
    return lambda source: _frame(source)


def to_pandas() -> Callable[[HasFrame], pandas.DataFrame]:
    """A pandas frame, in which every metric has been read."""
    return lambda source: _frame(source).toPandas(lazy=False)


def to_polars() -> Callable[[HasFrame], polars.DataFrame]:
    """A Polars frame, in which every metric has been read: a list in each row."""
    from mlxp_fn.results.arrow_tables import as_polars

    return lambda source: as_polars(_frame(source))


def to_arrow() -> Callable[[HasFrame], pyarrow.Table]:
    """An Arrow table, in which every metric has been read: a list in each row."""
    from mlxp_fn.results.arrow_tables import as_arrow

    return lambda source: as_arrow(_frame(source))


def _frame(source: HasFrame) -> Frame:
    if not hasattr(source, "frame"):
        raise InvalidMapError(f"a step takes a frame, such as mlxp_fn.runs('logs'), and not {source!r}")
    return source.frame()


def _where_function(frame: Frame, holds: Callable[[Row], bool]) -> Frame:
    return frame.take(place for place, row in enumerate(frame) if holds(row))


def _aggregated(source: HasFrame, aggregates: Sequence[Aggregate]) -> Frame:
    if isinstance(source, GroupedFrame):
        return source.table(aggregates)
    return _frame(source).aggregate(list(aggregates))


def _tell_of_unknown(query: Query, frame: Frame) -> None:
    names = list(frame.names())
    unknown = [key for key in keys(query) if not any(name == key or name.startswith(f"{key}.") for name in names)]
    if unknown and len(frame):
        near = dict.fromkeys(name for key in unknown for name in nearest(key, names, limit=1))
        hint = f"; did you mean {' or '.join(near)}?" if near else ""
        frame.tell(f"no run has {', nor '.join(unknown)}{hint}")
