"""Curves of runs, drawn: middle and band for each group, in colours that everybody can tell apart."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import cycle
from typing import TYPE_CHECKING, Any, Protocol

from mlxp_fn.errors import MissingExtraError
from mlxp_fn.views.rows import runs_text

if TYPE_CHECKING:
    from matplotlib.axes import Axes

COLOURS = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9", "#000000")
"""The colours of Okabe and Ito, but the yellow, which is too faint for a line."""

STYLES = ("-", "--", ":", "-.")
"""One for each time that all colours have been used."""

BANDS = {
    "std": "± standard deviation",
    "sem": "± standard error",
    "ci": "with 95% interval",
    "minmax": "with range",
}


_COLUMN = 3.4
"""The width of a column, in inches."""

_TYPE = 7
"""The size of type in it, in points."""


class Plottable(Protocol):
    """What has curves: a frame, or groups of one. Whatever else steps take, a frame is got from."""

    def curves(
        self, key: str, by: str | Sequence[str] | None, x: str | None, band: str | None
    ) -> Sequence[Any]: ...


def plot(
    frame: Any,
    key: str,
    by: str | Sequence[str] | None = None,
    x: str | None = None,
    band: str | None = "std",
    ax: Axes | None = None,
    log_y: bool = False,
) -> Axes:
    """Draw the mean of the curves `key`, one line for each group `by`, with a band around it.

    `x` is another column of the same log, such as `train.epoch`; without it values stand one after the other. The
    band is `std`, `sem`, `ci` (95%), `minmax` or None. Draws on `ax`, or on a new figure, and returns the axes.
    Raises `MissingExtraError` without matplotlib.
    """
    source: Plottable = frame if hasattr(frame, "curves") else frame.frame()
    curves = source.curves(key, by, x, band)
    axes = _new_axes() if ax is None else ax
    looks = cycle((colour, style) for style in STYLES for colour in COLOURS)
    for curve, (colour, style) in zip(curves, looks, strict=False):
        label = f"{curve.label} ({runs_text(curve.runs)})".strip()
        axes.plot(curve.x, curve.middle, color=colour, linestyle=style, linewidth=1.8, label=label)
        if curve.low:
            axes.fill_between(curve.x, curve.low, curve.high, color=colour, alpha=0.18, linewidth=0)
    if all(float(place).is_integer() for curve in curves for place in curve.x):
        from matplotlib.ticker import MaxNLocator

        axes.xaxis.set_major_locator(MaxNLocator(integer=True))
    _dress(axes, key, x, band, len(curves))
    if log_y:
        axes.set_yscale("log")
    return axes


def fit_to_column(axes: Axes) -> None:
    """Make the figure of these axes, its only ones, as wide as a column of a paper, in type that is read there.

    What the curves are called stands below them: there is no room beside or over them.
    """
    figure: Any = axes.figure
    handles, labels = axes.get_legend_handles_labels()
    if legend := axes.get_legend():
        legend.remove()
        figure.legend(handles, labels, loc="outside lower left", frameon=False, fontsize=_TYPE)
    for label in (axes.xaxis.label, axes.yaxis.label):
        label.set_fontsize(_TYPE + 1)
    axes.set_title(axes.get_title(loc="left"), loc="left", fontsize=_TYPE, color="0.35")
    axes.tick_params(labelsize=_TYPE)
    for line in axes.lines:
        line.set_linewidth(1.3)
    figure.set_dpi(300)
    figure.set_size_inches(_COLUMN, 2.2 + 0.15 * len(handles))


def _new_axes() -> Axes:
    try:
        from matplotlib import pyplot
    except ImportError as error:
        raise MissingExtraError("a plot needs matplotlib; pip install 'mlxp-fn[plot]'") from error
    return pyplot.subplots(figsize=(7.2, 4.4), layout="constrained")[1]


def _dress(axes: Axes, key: str, x: str | None, band: str | None, curves: int) -> None:
    axes.set_xlabel(x or "place in the log")
    axes.set_ylabel(key)
    axes.set_title(f"mean {BANDS[band]}" if band else "mean", fontsize="medium", loc="left", color="0.35")
    axes.grid(True, color="0.9", linewidth=0.8)
    axes.set_axisbelow(True)
    axes.spines[["top", "right"]].set_visible(False)
    if curves:
        # So many lines would be hidden by their own legend.
        outside: dict[str, Any] = {"loc": "upper left", "bbox_to_anchor": (1.01, 1.0)} if curves > 8 else {}
        axes.legend(frameon=False, fontsize="small", **outside)
