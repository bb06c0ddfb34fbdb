"""Frames as tables of Arrow and Polars; the libraries are imported when a table is asked for."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

from mlxp_fn.errors import InvalidMapError, MissingExtraError
from mlxp_fn.results.cells import bare

if TYPE_CHECKING:
    import polars
    import pyarrow

    from mlxp_fn.results.frame import Frame


def as_arrow(frame: Frame) -> pyarrow.Table:
    """Every column with what it refers to: a metric is a list in each row; artifacts are left out.

    Raises `MissingExtraError` without pyarrow, and `InvalidMapError` for a column of values of several types.
    """
    arrow = _import_arrow()
    columns = {}
    for name, values in _plain_columns(frame).items():
        try:
            columns[name] = arrow.array(values)
        except (arrow.ArrowInvalid, arrow.ArrowTypeError, OverflowError) as error:
            raise InvalidMapError(f"{name} has values of several types: {error}; select other columns") from error
    table: pyarrow.Table = arrow.table(columns)
    return table


def as_parquet(frame: Frame, tell: Callable[[str], None]) -> bytes:
    """The content of a Parquet file; a column of values of several types is one of texts of JSON, and that is told.

    Raises `MissingExtraError` without pyarrow.
    """
    arrow = _import_arrow()
    from pyarrow import parquet

    columns, mixed = {}, []
    for name, values in _plain_columns(frame).items():
        try:
            columns[name] = arrow.array(values)
            if arrow.types.is_struct(columns[name].type) and not columns[name].type.num_fields:
                raise arrow.ArrowInvalid  # Parquet has no empty mappings
        except (arrow.ArrowInvalid, arrow.ArrowTypeError, OverflowError):
            mixed.append(name)
            texts = [None if value is None else json.dumps(value, default=str) for value in values]
            columns[name] = arrow.array(texts, arrow.string())
    if mixed:
        tell(f"values of several types in {', '.join(mixed)}: written as texts of JSON")
    written = arrow.BufferOutputStream()
    parquet.write_table(arrow.table(columns), written)
    return bytes(written.getvalue())


def as_polars(frame: Frame) -> polars.DataFrame:
    """Every column with what it refers to: a metric is a list in each row; artifacts are left out.

    Raises `MissingExtraError` without polars, and `InvalidMapError` for a column of values of several types.
    """
    try:
        import polars as library
    except ImportError as error:
        raise MissingExtraError("this needs polars; pip install 'mlxp-fn[polars]'") from error
    columns = {}
    for name, values in _plain_columns(frame).items():
        try:
            columns[name] = library.Series(name, values, dtype=_polars_type(values))
        except (TypeError, OverflowError, library.exceptions.PolarsError) as error:
            raise InvalidMapError(f"{name} has values of several types: {error}; select other columns") from error
    made: polars.DataFrame = library.DataFrame(list(columns.values()))
    return made


def _polars_type(values: Sequence[Any]) -> Any:
    """The type of a column, or None where it is left to Polars; that takes the type of the first value, and bends
    the others to it inside lists: 2.5 to 2, 1 to true. Raises `TypeError` for values of several types."""
    import polars as library

    values = [value for value in values if value is not None]
    kinds = set(map(type, values))
    if kinds == {int, float}:
        return library.Float64
    if len(kinds) > 1:
        raise TypeError(", ".join(sorted(kind.__name__ for kind in kinds)))
    if kinds == {list}:
        within = _polars_type([item for value in values for item in value])
        return within and library.List(within)
    if kinds == {dict}:
        names = dict.fromkeys(name for value in values for name in value)
        fields = {name: _polars_type([value.get(name) for value in values]) for name in names}
        return library.Struct(fields) if None not in fields.values() else None
    if kinds == {int} and not all(-(2**63) <= value < 2**63 for value in values):
        return None
    types = {float: library.Float64, int: library.Int64, bool: library.Boolean, str: library.String}
    return types.get(kinds.pop()) if kinds else library.Null


def _import_arrow() -> Any:
    try:
        import pyarrow
    except ImportError as error:
        raise MissingExtraError("this needs pyarrow; pip install 'mlxp-fn[arrow]'") from error
    return pyarrow


def _plain_columns(frame: Frame) -> dict[str, list[Any]]:
    names = [name for name in frame.keys() if not name.startswith("artifact.")]  # noqa: SIM118  not a mapping
    return {name: list(map(bare, values)) for name, values in frame.values(names).items()}
