"""A report's page: whole, without a network, and deaf to what stands in it."""

from __future__ import annotations

import json
import re
from html import unescape

from mlxp_fn.views.report.page import page
from mlxp_fn.views.report.parts import Column, Data, Failure, Report, RunParts, Varied

EVIL = "</script><script>alert(1)</script><!-- <img src=x onerror=alert(1)>"

REPORT = Report(
    title=EVIL,
    query=EVIL,
    made="2026-11-25 03:44 UTC",
    statuses=((EVIL, 1),),
    varied=(Varied(label=EVIL, values=((EVIL, 1),)),),
    failures=(Failure(status=EVIL, reason=EVIL, ids=(7,)),),
    remarks=(EVIL,),
    data=Data(
        columns=[Column(name="info.logger.log_id", label=EVIL, values=[EVIL])],
        groupings=[EVIL],
        charts=[],
        band="std",
        quantiles=[12.706],
        runs=[RunParts(traceback=EVIL)],
        contents={EVIL: {EVIL: EVIL}},
    ),
)


def test_nothing_that_a_run_says_becomes_markup() -> None:
    html = page(REPORT, "p { color: red }", "run();")

    assert re.findall(r"<script[^>]*>", html) == ['<script type="application/json" id="data">', "<script>"]
    assert "<img" not in html and "<!-- " not in html
    assert EVIL in unescape(html)


def test_data_is_whole_json() -> None:
    html = page(REPORT, "", "")

    data = json.loads(html.partition('id="data">')[2].partition("</script>")[0])
    assert data["runs"] == [{"traceback": EVIL}]
    assert data["contents"] == {EVIL: {EVIL: EVIL}}


def test_the_policy_allows_this_script_and_this_style_and_no_network() -> None:
    html = page(REPORT, "p { color: red }", "run();")

    policy = unescape(re.findall(r'http-equiv="Content-Security-Policy" content="(.*?)"', html)[0])
    # printf %s 'run();' | openssl dgst -sha256 -binary | base64
    assert policy.split("; ") == [
        "default-src 'none'",
        "img-src data:",
        "style-src 'sha256-ngewhhP73WDIbgwseeu52VAAJgKdGUsu1IUQQsAm8m4='",
        "script-src 'sha256-vUOElbTHLp1UxxGV/I6teJfpCV5vgaasYjEhPKN2fqQ='",
        "base-uri 'none'",
        "form-action 'none'",
    ]


def test_long_lists_are_counted() -> None:
    failure = Failure(status="FAILED", reason="", ids=tuple(range(1, 21)))
    html = page(Report(title="t", query="", made="", statuses=(), varied=(), failures=(failure,), remarks=(),
                       data=REPORT.data), "", "")  # fmt: skip

    assert "20 runs: " in html and '<a href="#run=12">12</a> <small>and 8 other runs</small>' in html
    assert "(no reason recorded)" in html
