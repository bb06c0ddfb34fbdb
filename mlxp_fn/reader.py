"""Reading the runs of a log directory, in the words of pipelines and in MLXP's."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any, Protocol

from mlxp_fn.effects.store import read_runs
from mlxp_fn.errors import InvalidKeyError
from mlxp_fn.results.cells import ABSENT, ARTIFACT, METRIC, mark
from mlxp_fn.results.frame import Frame
from mlxp_fn.results.pandas_frames import import_pandas
from mlxp_fn.results.steps import where

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    import pandas

FORMATS = ("datadict", "pandas")


class Parser(Protocol):
    """A query language of your own, for `Reader(parser=...)`."""

    def parse(self, query: str) -> Callable[[Any], bool]:
        """What tells for a run, a mapping of column names to values, whether the query holds."""


def runs(
    parent_log_dir: str | os.PathLike[str] = "./logs",
    *,
    all_attempts: bool = False,
    step_columns: Sequence[str] | None = None,
) -> Frame:
    """The runs of a log directory as they are now, by id; their metrics are read when they are looked at.

    A resumed run reads as one curve: of a step that a later attempt logged again the later row is shown, by the
    run's setting `step_columns` or those given here. With `all_attempts` every row is shown. A run that cannot be
    read is named in a warning and left out. Raises `LogDirError` where there is no such directory.
    """
    return read_runs(parent_log_dir, step_columns=_columns(all_attempts, step_columns))


def _columns(all_attempts: bool, step_columns: Sequence[str] | None) -> tuple[str, ...] | None:
    """None stands for what each run was launched with; without any no row stands for another."""
    if isinstance(step_columns, str):
        raise InvalidKeyError(f"step_columns is a list of names, such as [{step_columns!r}]")
    return () if all_attempts else step_columns if step_columns is None else tuple(step_columns)


class Reader:
    """MLXP's reader: the runs below `src_dir` as they were when it was made.

    `dst_dir` and `refresh` are MLXP's, which wrote a database; nothing is written, and all is always read.
    `all_attempts` and `step_columns` are those of `runs`.
    """

    def __init__(
        self,
        src_dir: str | os.PathLike[str],
        dst_dir: str | os.PathLike[str] | None = None,
        parser: Parser | None = None,
        refresh: bool = True,
        *,
        all_attempts: bool = False,
        step_columns: Sequence[str] | None = None,
    ) -> None:
        """Read the runs. Raises `LogDirError` where there is no such directory."""
        self.src_dir = os.path.abspath(src_dir)
        self.dst_dir = self.src_dir if dst_dir is None else os.path.abspath(dst_dir)
        self.parser = parser
        self._frame = runs(self.src_dir, all_attempts=all_attempts, step_columns=step_columns)

    def __len__(self) -> int:
        """The number of runs."""
        return len(self._frame)

    def frame(self) -> Frame:
        """All runs."""
        return self._frame

    def filter(self, query_string: str = "", result_format: str = "datadict") -> Any:
        """The runs for which the query holds: a `Frame`, or a pandas frame with every metric read.

        Raises `QueryError` for a text that is no query, and `InvalidKeyError` for an unknown format.
        """
        if result_format not in FORMATS:
            raise InvalidKeyError(f"unknown result_format {result_format!r}; there are {', '.join(FORMATS)}")
        found = self._matching(query_string) if query_string else self._frame
        return found.toPandas(lazy=False) if result_format == "pandas" else found

    @property
    def fields(self) -> pandas.DataFrame:
        """All columns and the types of their values: a pandas frame indexed by `Fields`."""
        return self._types(lambda name: True)

    @property
    def searchable(self) -> pandas.DataFrame:
        """The columns that a query may name, in the form of `fields`."""
        return self._types(lambda name: name.startswith(("config.", "info.")))

    def __repr__(self) -> str:
        """The directory and the number of its runs."""
        return f"Reader({self.src_dir!r}): {len(self)} runs"

    def _matching(self, query_string: str) -> Frame:
        if self.parser is None:
            return where(query_string)(self._frame)
        return where(self.parser.parse(query_string))(self._frame)

    def _types(self, wanted: Callable[[str], bool]) -> pandas.DataFrame:
        pandas = import_pandas()
        names = sorted(filter(wanted, self._frame.keys()))
        types = [_type_name(self._frame.cells(name)) for name in names]
        return pandas.DataFrame({"Type": types}, index=pandas.Index(names, name="Fields"))


def _type_name(cells: list[Any]) -> str:
    """As MLXP writes it: the type in the last run that has the column."""
    shown = mark(next(cell for cell in reversed(cells) if cell is not ABSENT))
    if shown == METRIC:
        return METRIC
    return "Artifact" if shown == ARTIFACT else str(type(shown))
