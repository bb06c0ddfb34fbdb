"""A report as HTML. What stands in a run is text wherever it goes: escaped, or in JSON that no tag can end."""

from __future__ import annotations

import hashlib
from base64 import b64encode
from collections.abc import Iterable, Sequence
from html import escape

import msgspec

from mlxp_fn.version import __version__
from mlxp_fn.views.report.parts import Data, Failure, Report, Varied

_SHOWN = 12
"""How many values, or runs, are listed before the rest is counted."""


def page(report: Report, style: str, script: str) -> str:
    """The whole page. It may load nothing and run nothing but `script`: a policy in it tells the browser so."""
    policy = (
        f"default-src 'none'; img-src data:; style-src {_hash(style)}; script-src {_hash(script)}; "
        "base-uri 'none'; form-action 'none'"
    )
    return f"""<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="{escape(policy)}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta name="referrer" content="no-referrer">
<title>{escape(report.title)}</title>
<style>{style}</style>
</head>
<body>
<main id="overview">
{_head(report)}
{_varied(report.varied)}
{_failures(report.failures)}
<section id="charts"><h2>Curves</h2></section>
<section id="runs"><h2>Runs</h2></section>
<noscript><p>The table, the curves and the pages of the runs need JavaScript.</p></noscript>
{_remarks(report.remarks)}
</main>
<main id="run" hidden></main>
<script type="application/json" id="data">{_json(report.data)}</script>
<script>{script}</script>
</body>
</html>
"""


def _hash(text: str) -> str:
    """How a policy names the one text that it allows."""
    return f"'sha256-{b64encode(hashlib.sha256(text.encode()).digest()).decode()}'"


def _json(data: Data) -> str:
    """JSON in which no text can end the element that it stands in, or begin another."""
    return msgspec.json.encode(data).decode().replace("<", "\\u003c")


def _head(report: Report) -> str:
    query = f" where <code>{escape(report.query)}</code>" if report.query else ""
    counts = "".join(
        f'<li><span class="status" data-status="{escape(status)}">{escape(status)}</span> {count}</li>'
        for status, count in report.statuses
    )
    return (
        f"<header><h1>{escape(report.title)}</h1>"
        f"<p>{_counted(len(report.data.runs), 'run')}{query}, as of {escape(report.made)}</p>"
        f'<ul class="statuses">{counts}</ul></header>'
    )


def _varied(varied: Sequence[Varied]) -> str:
    if not varied:
        return "<section><h2>What varied</h2><p>Nothing: all runs have the same config.</p></section>"
    rows = "".join(f"<tr><th>{escape(each.label)}</th><td>{_values(each.values)}</td></tr>" for each in varied)
    return f'<section><h2>What varied</h2><table class="pairs">{rows}</table></section>'


def _values(values: Sequence[tuple[str, int]]) -> str:
    shown = [
        f'<span class="value">{escape(text)}<small> × {count}</small></span>' for text, count in values[:_SHOWN]
    ]
    return " ".join([*shown, *_more(len(values) - _SHOWN, "value")])


def _failures(failures: Sequence[Failure]) -> str:
    if not failures:
        return ""
    rows = "".join(
        f'<tr><td><span class="status" data-status="{escape(each.status)}">{escape(each.status)}</span></td>'
        f"<td><code>{escape(each.reason) or '(no reason recorded)'}</code></td>"
        f"<td>{_counted(len(each.ids), 'run')}: {_links(each.ids)}</td></tr>"
        for each in failures
    )
    return f'<section><h2>What did not complete, and why</h2><table class="failures">{rows}</table></section>'


def _links(ids: Sequence[int]) -> str:
    links = [f'<a href="#run={run}">{run}</a>' for run in ids[:_SHOWN]]
    return " ".join([*links, *_more(len(ids) - _SHOWN, "run")])


def _more(count: int, noun: str) -> Iterable[str]:
    return [f"<small>and {_counted(count, f'other {noun}')}</small>"] if count > 0 else []


def _counted(count: int, noun: str) -> str:
    return f"{count:,} {noun}{'' if count == 1 else 's'}"


def _remarks(remarks: Sequence[str]) -> str:
    items = "".join(f"<li>{escape(remark)}</li>" for remark in remarks)
    return f"<footer>{f'<ul>{items}</ul>' if items else ''}<p>made by mlxp_fn {__version__}</p></footer>"
