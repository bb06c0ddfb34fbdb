"""Frames as tables of Arrow and Polars; the libraries are imported when a table is asked for."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from mlxp_fn.errors import InvalidMapError, MissingExtraError

if TYPE_CHECKING:
    import polars
    import pyarrow

    from mlxp_fn.results.frame import Frame


def as_arrow(frame: Frame) -> pyarrow.Table:
    """Every column with what it refers to: a metric is a list in each row; artifacts are left out.

    Raises `MissingExtraError` without pyarrow, and `InvalidMapError` for a column of values of several types.
    """
    try:
        import pyarrow as arrow
    except ImportError as error:
        raise MissingExtraError("this needs pyarrow; pip install 'mlxp-fn[arrow]'") from error
    columns = {}
    for name, values in _plain_columns(frame).items():
        try:
            columns[name] = arrow.array(values)
        except (arrow.ArrowInvalid, arrow.ArrowTypeError, OverflowError) as error:
            raise InvalidMapError(f"{name} has values of several types: {error}; select other columns") from error
    return arrow.table(columns)


def as_parquet(frame: Frame, tell: Callable[[str], None]) -> bytes:
    """The content of a Parquet file; a column of values of several types is one of texts of JSON, and that is told.

    Raises `MissingExtraError` without pyarrow.
    """
    try:
        import pyarrow as arrow
        from pyarrow import parquet
    except ImportError as error:
        raise MissingExtraError("this needs pyarrow; pip install 'mlxp-fn[arrow]'") from error
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
            columns[name] = library.Series(name, values)
        except (TypeError, OverflowError, library.exceptions.PolarsError) as error:
            raise InvalidMapError(f"{name} has values of several types: {error}; select other columns") from error
    made: polars.DataFrame = library.DataFrame(list(columns.values()))
    return made


def _plain_columns(frame: Frame) -> dict[str, list[Any]]:
    names = [name for name in frame.keys() if not name.startswith("artifact.")]  # noqa: SIM118  not a mapping
    return frame.values(names)
