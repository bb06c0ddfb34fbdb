"""A report on runs, made of their frame and of what lies in their directories."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

from attrs import field, frozen

from mlxp_fn.results.cells import ABSENT, identity, order
from mlxp_fn.results.frame import Frame
from mlxp_fn.results.report_charts import CHARTS, PLACES, charts_of, groupings, points_each, quantiles
from mlxp_fn.results.report_columns import ID, STATUS, columns_of, shown
from mlxp_fn.results.run_curves import Metric
from mlxp_fn.views.printable import printable
from mlxp_fn.views.report.parts import Data, Failure, Report, RunParts, Varied

_FAILED = ("FAILED", "INTERRUPTED", "LOST", "STALE")
"""What is a failure to whoever reads a report."""

_REASON = 300
"""Characters of the reason why a run failed."""


@frozen(kw_only=True)
class Found:
    """What is not in a frame: `runs` by their places, packages and hardware by their digests, the time, and
    `remarks` on what could not be read or had no room."""

    runs: Sequence[RunParts]
    contents: Mapping[str, Mapping[str, str]] = field(factory=dict)
    made: str = ""
    remarks: Sequence[str] = ()


def reported(
    frame: Frame,
    metrics: Sequence[Metric],
    found: Found,
    title: str,
    query: str = "",
    by: Sequence[str] = (),
    band: str | None = "std",
) -> Report:
    """The report. Raises `UnknownColumnError` where the frame has no runs but results, and for what `by` names."""
    frame.cells(ID)
    chosen = groupings(frame, by)
    charts = charts_of(metrics, chosen, len(frame))
    statuses = [str(shown(status)) for status in frame[STATUS]] if frame.has(STATUS) else []
    return Report(
        title=printable(title),
        query=printable(query),
        made=found.made,
        statuses=tuple(Counter(statuses).most_common()),
        varied=tuple(_varied(frame, name) for name in frame.diff()),
        failures=_failures(frame, statuses),
        remarks=tuple(map(printable, (*found.remarks, *_left_out(metrics)))),
        data=Data(
            columns=columns_of(frame, metrics),
            groupings=[grouping.label for grouping in chosen],
            charts=charts,
            band=band or "none",
            quantiles=quantiles(),
            runs=list(found.runs),
            contents=found.contents,
        ),
    )


def _varied(frame: Frame, name: str) -> Varied:
    cells = frame.cells(name)
    counts = Counter(map(identity, cells))
    values = {identity(cell): cell for cell in cells}
    ordered = sorted(counts, key=lambda key: order(values[key]))
    return Varied(
        label=printable(name.removeprefix("config.")),
        values=tuple((_text(values[key]), counts[key]) for key in ordered),
    )


def _text(cell: Any) -> str:
    return "(none)" if cell is ABSENT else str(shown(cell, limit=80))


def _failures(frame: Frame, statuses: Sequence[str]) -> tuple[Failure, ...]:
    """The commonest first."""
    ids: dict[tuple[str, str], list[int]] = {}
    for status, row in zip(statuses, frame, strict=True) if statuses else ():
        if status in _FAILED:
            ids.setdefault((status, _reason(row)), []).append(int(row[ID]))
    made = [Failure(status=status, reason=reason, ids=tuple(runs)) for (status, reason), runs in ids.items()]
    return tuple(sorted(made, key=lambda failure: -len(failure.ids)))


def _reason(row: Mapping[str, Any]) -> str:
    """Why a run failed, by what its task raised, the signal that ended it, its scheduler, or whoever settled it."""
    error = [row.get("info.error.type"), row.get("info.error.message")]
    job = [row.get("info.scheduler.state"), row.get("info.scheduler.reason")]
    for parts, between in ((error, ": "), ([row.get("info.signal")], ""), (job, ": ")):
        said = between.join(str(part) for part in parts if part)
        if said:
            return str(shown(said, _REASON))
    return "its process was gone" if row.get("info.settled") else ""


def _left_out(metrics: Sequence[Metric]) -> list[str]:
    """What the charts do not show."""
    with_curves = [metric for metric in metrics if metric.curves]
    drawn, undrawn = with_curves[:CHARTS], with_curves[CHARTS:]
    remarks = []
    points = points_each(drawn)
    longest = max((len(curve.y) for metric in drawn for curve in metric.curves.values()), default=0)
    if longest > points:
        remarks.append(
            f"Of the curve of a run at most {points} points are drawn, of {longest}: its ends, and the lowest and "
            "the highest of each stretch."
        )
    if longest > PLACES:
        remarks.append(f"Groups are averaged at no more than {PLACES} places; each average is exact there.")
    if undrawn:
        remarks.append(f"The first {CHARTS} metrics have a chart; {len(undrawn)} others stand in the table only.")
    return remarks
