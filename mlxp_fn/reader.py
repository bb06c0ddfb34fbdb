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
    from collections.abc import Callable

    import pandas

FORMATS = ("datadict", "pandas")


class Parser(Protocol):
    """A query language of your own, for `Reader(parser=...)`."""

    def parse(self, query: str) -> Callable[[Any], bool]:
        """What tells for a run, a mapping of column names to values, whether the query holds."""


def runs(parent_log_dir: str | os.PathLike[str] = "./logs") -> Frame:
    """The runs of a log directory as they are now, by id; their metrics are read when they are looked at.

    A run that cannot be read is named in a warning and left out. Raises `LogDirError` where there is no such
    directory.
    """
    return read_runs(parent_log_dir)


class Reader:
    """MLXP's reader: the runs below `src_dir` as they were when it was made.

    `dst_dir` and `refresh` are MLXP's, which wrote a database; nothing is written, and all is always read.
    """

    def __init__(
        self,
        src_dir: str | os.PathLike[str],
        dst_dir: str | os.PathLike[str] | None = None,
        parser: Parser | None = None,
        refresh: bool = True,
    ) -> None:
        """Read the runs. Raises `LogDirError` where there is no such directory."""
        self.src_dir = os.path.abspath(src_dir)
        self.dst_dir = self.src_dir if dst_dir is None else os.path.abspath(dst_dir)
        self.parser = parser
        self._frame = read_runs(self.src_dir)

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
