"""The page of a run as text."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any, Protocol

from mlxp_fn.views.printable import printable
from mlxp_fn.views.rows import Rows, cell_text, heading, records, texts
from mlxp_fn.views.table import aligned, as_text, is_numeric

_LONG = 400
"""How long a text on a page may be: there is one in a line."""


class Fault(Protocol):
    """How a task failed."""

    @property
    def type(self) -> str: ...
    @property
    def message(self) -> str: ...
    @property
    def traceback(self) -> str: ...


class Page(Protocol):
    """What is known of a run."""

    @property
    def id(self) -> int: ...
    @property
    def facts(self) -> Mapping[str, Any]: ...
    @property
    def config(self) -> Mapping[str, Any]: ...
    @property
    def metrics(self) -> Rows: ...
    @property
    def artifacts(self) -> Rows: ...
    @property
    def inputs(self) -> Rows: ...
    @property
    def result(self) -> Mapping[str, Any]: ...
    @property
    def error(self) -> Fault | None: ...


def page_text(page: Page) -> str:
    """Facts, config, metrics, artifacts, inputs and the error, as far as there are any, below each other."""
    blocks = [(f"run {page.id}", list(_pairs(page.facts))), ("config", list(_pairs(page.config)))]
    blocks += [("result", list(_pairs(page.result)))]
    blocks += [(title, _table(rows)) for title, rows in (("metrics", page.metrics), ("artifacts", page.artifacts))]
    blocks += [("inputs", _table(page.inputs)), ("error", _error(page.error))]
    return "\n\n".join("\n".join([title, *(f"  {line}" for line in lines)]) for title, lines in blocks if lines)


def page_json(page: Page) -> str:
    """The page as one object."""
    fault = page.error
    found = {
        "id": page.id,
        **page.facts,
        "config": dict(page.config),
        "result": dict(page.result),
        **{name: records(getattr(page, name)) for name in ("metrics", "artifacts", "inputs")},
        "error": fault and {"type": fault.type, "message": fault.message, "traceback": fault.traceback},
    }
    return json.dumps(found, default=str, indent=1)


def _pairs(pairs: Mapping[str, Any]) -> Iterator[str]:
    names = [heading(name) for name in pairs]
    width = max(map(len, names), default=0)
    for name, (key, value) in zip(names, pairs.items(), strict=True):
        shown = cell_text(key, value) if key in ("took", "started", "ended", "tags") else as_text(value, _LONG)
        yield f"{name.ljust(width)}  {shown}"


def _table(rows: Rows) -> list[str]:
    columns = texts(rows)
    right = [is_numeric([text for text in column if text]) for column in columns.values()]
    return aligned([[heading(name), *column] for name, column in columns.items()], right) if len(rows) else []


def _error(fault: Fault | None) -> list[str]:
    return [printable(line) for line in fault.traceback.splitlines()] if fault else []
