"""Plots, drawn for real."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from mlxp_fn.effects.figures import save_figure
from mlxp_fn.errors import MissingExtraError
from mlxp_fn.results.frame import Frame
from mlxp_fn.views.figure import fit_to_column, plot

matplotlib = pytest.importorskip("matplotlib")
matplotlib.use("Agg")

FRAME = Frame({"config.lr": [0.1, 0.1, 1.0], "loss": [[3.0, 1.0], [1.0, 1.0], [5.0, 4.0]]})


@pytest.fixture(autouse=True)
def close_figures() -> Iterator[None]:
    """Leave no figure open."""
    yield
    from matplotlib import pyplot

    pyplot.close("all")


def test_a_line_for_each_group_says_how_many_runs_it_is_made_of() -> None:
    axes = plot(FRAME, "loss", by="config.lr")

    assert [text.get_text() for text in axes.get_legend().get_texts()] == ["lr=0.1 (2 runs)", "lr=1 (1 run)"]


def test_line_is_the_mean() -> None:
    axes = plot(FRAME, "loss", by="config.lr")

    assert list(axes.lines[0].get_ydata()) == [2.0, 1.0]


def test_band_is_drawn_unless_none() -> None:
    assert len(plot(FRAME, "loss").collections) == 1
    assert len(plot(FRAME, "loss", band=None).collections) == 0


def test_axes_are_labelled() -> None:
    axes = plot(FRAME, "loss")

    assert (axes.get_xlabel(), axes.get_ylabel(), axes.get_title(loc="left")) == (
        "place in the log",
        "loss",
        "mean ± standard deviation",
    )


def test_it_draws_on_given_axes() -> None:
    from matplotlib.figure import Figure

    axes = Figure().add_subplot()

    assert plot(FRAME, "loss", ax=axes, log_y=True) is axes
    assert axes.get_yscale() == "log"


def test_a_figure_of_ours_is_legible_at_the_width_of_a_column() -> None:
    axes = plot(FRAME, "loss", by="config.lr")
    fit_to_column(axes)
    figure = axes.figure
    figure.canvas.draw()

    (legend,) = figure.legends
    ticks, labels = [*axes.get_xticklabels(), *axes.get_yticklabels()], [axes.xaxis.label, axes.yaxis.label]
    texts = [*ticks, *labels, *legend.get_texts()]
    assert figure.get_size_inches()[0] <= 3.5
    assert min(text.get_fontsize() for text in texts) >= 7
    assert not legend.get_window_extent().overlaps(axes.get_tightbbox())
    assert legend.get_window_extent().x1 <= figure.bbox.x1


def test_lines_beyond_the_colours_have_other_styles() -> None:
    frame = Frame({"config.seed": list(range(10)), "loss": [[float(seed)] * 2 for seed in range(10)]})

    axes = plot(frame, "loss", by="config.seed")

    assert len({(line.get_color(), line.get_linestyle()) for line in axes.lines}) == 10


def test_groups_and_sources_can_be_plotted() -> None:
    class Source:
        def frame(self) -> Frame:
            return FRAME

    assert len(plot(FRAME.groupby("config.lr"), "loss").lines) == 2
    assert len(plot(Source(), "loss").lines) == 1


def test_missing_matplotlib_names_the_extra(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "matplotlib", None)

    with pytest.raises(MissingExtraError, match=r"mlxp-fn\[plot\]"):
        plot(FRAME, "loss")


@pytest.mark.parametrize("name", ["loss.png", "loss.pdf", "loss.svg", "plots/loss.png"])
def test_figure_is_saved_with_what_it_was_made_from(tmp_path: Path, name: str) -> None:
    path = save_figure(plot(FRAME, "loss"), tmp_path / name, {"runs": "1, 2, 3"})

    assert path == tmp_path / name
    content = path.read_bytes()
    assert b"1, 2, 3" in content or name.endswith("pdf")
    assert content.startswith((b"\x89PNG", b"%PDF", b"<?xml"))


def test_saving_leaves_nothing_else(tmp_path: Path) -> None:
    save_figure(plot(FRAME, "loss"), tmp_path / "loss.png")

    assert [path.name for path in tmp_path.iterdir()] == ["loss.png"]
