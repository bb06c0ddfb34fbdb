"""MLXP's reader, whose frames have MLXP's names, and its parsers."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable
from typing import Any

from mlxp_fn import reader
from mlxp_fn.compat.frames import frame_of_mlxp
from mlxp_fn.results.frame import Frame
from mlxp_fn.results.query_columns import compile_query
from mlxp_fn.results.query_parser import parse


class Reader(reader.Reader):
    """Runs below a directory; the arguments `dst_dir` and `refresh` had to do with a database that is not made."""

    def filter(self, query_string: str = "", result_format: str = "datadict") -> Any:
        """The runs for which the query holds, as MLXP's `DataFrame` or as pandas'."""
        found = super().filter(query_string, result_format)
        return frame_of_mlxp(found) if isinstance(found, Frame) else found


class Parser(ABC):
    """The base of query languages of your own."""

    @abstractmethod
    def parse(self, query: str) -> Callable[[Any], bool]:
        """What tells of a row, a mapping of columns to values, whether the query holds."""


class DefaultParser(Parser):
    """The language of `Reader.filter`."""

    def parse(self, query: str) -> Callable[[Any], bool]:
        """A function of a row. Raises a `SyntaxError` for what is no query, `InvalidKeyError` for a wrong key."""
        parsed = parse(query)
        choose = compile_query(parsed)
        return lambda row: bool(list(choose(Frame.from_rows([getattr(row, "cells", row)]))))
