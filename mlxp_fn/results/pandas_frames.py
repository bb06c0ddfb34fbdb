"""Frames as pandas frames; pandas is imported when one is asked for."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from mlxp_fn.errors import MissingExtraError
from mlxp_fn.results.cells import mark, read_together

if TYPE_CHECKING:
    import pandas

    from mlxp_fn.results.frame import Frame


def as_pandas(frame: Frame, lazy: bool) -> pandas.DataFrame:
    """The columns with marks in the place of references, or, unless `lazy`, with what these refer to.

    What a run lacks is NaN, as pandas has it.
    """
    rows = [row.cells if lazy else read_together(row.cells) for row in frame]
    nan = float("nan")
    columns = {name: [mark(row.get(name, nan)) for row in rows] for name in frame.keys()}  # noqa: SIM118  no mapping
    made: pandas.DataFrame = import_pandas().DataFrame(columns, index=range(len(rows)))
    return made


def import_pandas() -> Any:
    """The module pandas. Raises `MissingExtraError` where it is not installed."""
    try:
        import pandas
    except ImportError as error:
        raise MissingExtraError("this needs pandas; pip install 'mlxp-fn[pandas]'") from error
    return pandas
