"""A report in a real browser: what a person does with it, and what a hostile run does not."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

import mlxp_fn as mlxp

CHROMIUM, DRIVER = shutil.which("chromium"), shutil.which("chromedriver")

webdriver = pytest.importorskip("selenium.webdriver", reason="selenium is not installed")
Select = pytest.importorskip("selenium.webdriver.support.select").Select
WebDriverWait = pytest.importorskip("selenium.webdriver.support.wait").WebDriverWait
STALE = pytest.importorskip("selenium.common.exceptions").StaleElementReferenceException
if not (CHROMIUM and DRIVER):
    pytest.skip("chromium and chromedriver are not installed", allow_module_level=True)


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    options = webdriver.ChromeOptions()
    options.binary_location = CHROMIUM
    for argument in ("--headless=new", "--no-sandbox", "--disable-gpu", "--window-size=1280,1600"):
        options.add_argument(argument)
    options.set_capability("goog:loggingPrefs", {"browser": "ALL"})
    driver = webdriver.Chrome(options=options, service=webdriver.ChromeService(DRIVER))
    yield driver
    driver.quit()


@pytest.fixture(scope="module")
def address(four_runs: Path, tmp_path_factory: pytest.TempPathFactory) -> str:
    """Where the report on the four runs lies."""
    path = tmp_path_factory.mktemp("report") / "report.html"
    return mlxp.report(mlxp.runs(four_runs), path, title="Four runs").path.as_uri()


@pytest.fixture
def page(browser: Any, address: str) -> Any:
    """The browser with the report just opened."""
    browser.get("about:blank")
    browser.get(address)
    return browser


def texts(page: Any, selector: str) -> list[str]:
    return [element.text for element in page.find_elements("css selector", selector)]


def column(page: Any, number: int) -> list[str]:
    return texts(page, f".runs tbody td:nth-child({number})")


def head(page: Any, label: str) -> Any:
    (found,) = (each for each in page.find_elements("css selector", ".runs th button") if each.text == label)
    return found


def test_the_overview_shows_what_varied_and_what_failed(page: Any) -> None:
    assert page.title == "Four runs"
    assert texts(page, ".statuses li") == ["COMPLETE 3", "FAILED 1"]
    assert [text.split()[0] for text in texts(page, "#overview .pairs tr")] == ["lr", "seed"]
    (failure,) = texts(page, ".failures tr")
    assert failure.startswith("FAILED ValueError: too wild </script>") and failure.endswith("1 run: 4")


def test_a_click_on_a_heading_sorts_and_another_turns_it_round(page: Any) -> None:
    assert column(page, 1) == ["1", "2", "3", "4"]

    head(page, "lr").click()
    assert column(page, 1) == ["3", "4", "1", "2"]

    head(page, "lr").click()
    assert column(page, 1) == ["1", "2", "3", "4"]
    assert head(page, "lr").find_element("xpath", "..").get_attribute("aria-sort") == "descending"


@pytest.mark.parametrize(
    ("words", "left"),
    [
        ("failed", ["4"]),
        ("lr<0.5", ["3", "4"]),
        ("lr=0.5 seed>1", ["2"]),
        ("status!=COMPLETE", ["4"]),
        ("train.loss<=0.35", ["3"]),
        ("no such thing", []),
    ],
)
def test_words_and_comparisons_filter(page: Any, words: str, left: list[str]) -> None:
    page.find_element("css selector", "input[type=search]").send_keys(words)

    assert column(page, 1) == left
    assert texts(page, "#count") == [f"{len(left)} of 4 runs"]


def test_all_columns_are_shown_when_asked_for(page: Any) -> None:
    before = len(texts(page, ".runs th"))
    page.find_element("css selector", "#runs input[type=checkbox]").click()

    assert "note" in texts(page, ".runs th") and len(texts(page, ".runs th")) > before


def test_a_run_opens_and_the_way_back_leads_to_the_table(page: Any) -> None:
    page.find_element("link text", "4").click()

    assert texts(page, "#run h1")[0].startswith("Run 4: plain")
    assert texts(page, "#run h2")[:3] == ["Error", "Config", "Curves"]
    assert "raise ValueError" in texts(page, "#run pre")[0]
    assert not page.find_element("id", "overview").is_displayed()

    page.back()
    assert page.find_element("id", "overview").is_displayed()


def test_a_run_shows_its_config_its_picture_and_what_it_printed(page: Any) -> None:
    page.get(page.current_url + "#run=1")

    assert texts(page, "#run .pairs")[0].splitlines()[:2] == ["lr 0.5", "seed 1"]
    assert pictures(page) == {"file/samples.png": 2}
    assert texts(page, "#run pre")[0].startswith("100%\nred </script>")


def pictures(page: Any) -> dict[str, int]:
    """How wide each picture of a run is, as the browser has drawn it."""
    drawn = page.find_elements("css selector", "#run img")
    widths = [page.execute_script("return arguments[0].naturalWidth", picture) for picture in drawn]
    return dict(zip(texts(page, "#run figure:has(img) figcaption"), widths, strict=True))


def test_an_svg_is_drawn_and_does_nothing_else(page: Any) -> None:
    page.get(page.current_url + "#run=3")

    assert pictures(page) == {"file/drawing.svg": 3, "file/samples.png": 2}
    assert page.title == "Four runs"
    assert not page.find_elements("css selector", "#run svg script, #run svg image")


def test_the_next_run_is_the_next_in_the_table(page: Any) -> None:
    head(page, "lr").click()
    page.find_element("link text", "4").click()
    page.find_element("link text", "next").click()

    soon = WebDriverWait(page, 30, ignored_exceptions=[STALE])
    soon.until(lambda _: any(title.startswith("Run 1") for title in texts(page, "#run h1")))


def test_values_are_shown_where_the_pointer_is(page: Any) -> None:
    picture = page.find_elements("css selector", "#charts figure > svg")[0]
    webdriver.ActionChains(page).move_to_element_with_offset(picture, 25, 0).perform()

    lines = next(text for text in texts(page, ".tip") if text).splitlines()
    assert lines[0] == "train.step 2"
    # Run 4 ended behind step 2, where it had 0.25 * 3 + 0.2; run 3 had 0.25 * 3 + 0.1.
    assert "lr=0.25: 0.9 ± 0.05 (2 of 2 runs)" in lines


def test_the_band_is_what_the_reader_chooses(page: Any) -> None:
    band = Select(page.find_element("css selector", "select[aria-label=band]"))

    def told(choice: str) -> str:
        band.select_by_visible_text(choice)
        chosen = page.find_elements("css selector", "#charts figure > svg")[0]
        webdriver.ActionChains(page).move_to_element_with_offset(chosen, 25, 0).perform()
        lines = next(text for text in texts(page, ".tip") if text).splitlines()
        return next(line for line in lines if line.startswith("lr=0.25"))

    # The mean of 0.85 and 0.95: their deviation is 0.05, its error 0.05 too, and Student's quantile is 12.706.
    assert told("± standard error") == "lr=0.25: 0.9 ± 0.05 (2 of 2 runs)"
    assert told("95% interval") == "lr=0.25: 0.9 ± 0.64 (2 of 2 runs)"
    assert told("no band") == "lr=0.25: 0.9 (2 of 2 runs)"
    assert not page.find_elements("css selector", "#charts polygon.band")


def test_curves_can_be_grouped_otherwise_or_shown_for_each_listed_run(page: Any) -> None:
    select = page.find_element("css selector", "#charts select")
    assert texts(page, ".legend li") == ["lr=0.25", "lr=0.5"]

    select.send_keys("each")
    assert texts(page, ".legend li") == ["run 1", "run 2", "run 3", "run 4"]

    page.find_element("css selector", "input[type=search]").send_keys("lr<0.5")
    assert texts(page, ".legend li") == ["run 3", "run 4"]


def test_nothing_hostile_acts_and_nothing_is_loaded(page: Any) -> None:
    for run in (1, 2, 3, 4):
        page.get(page.current_url.partition("#")[0] + f"#run={run}")
        assert page.find_element("css selector", "#run h1").is_displayed()

    assert page.title == "Four runs"
    assert len(page.find_elements("css selector", "script")) == 2
    assert not page.find_elements("css selector", "img:not([src^='data:'])")
    assert page.execute_script("return performance.getEntriesByType('resource').length") == 0
    assert [entry["message"] for entry in page.get_log("browser")] == []


def test_the_network_is_out_of_reach_even_for_its_own_script(page: Any) -> None:
    page.execute_async_script("fetch('http://127.0.0.1:9/').finally(arguments[0]).catch(() => {})")

    told = " ".join(entry["message"] for entry in page.get_log("browser"))
    assert "violates the following Content Security Policy directive" in told and "default-src 'none'" in told


def test_a_curve_of_one_value_is_a_dot_that_can_be_seen(browser: Any, tmp_path: Path) -> None:
    def task(ctx: mlxp.Context) -> None:
        for step in range(ctx.config.steps):
            ctx.logger.log_metrics({"loss": 1.0 - step, "step": step}, "train")

    runs = mlxp.run(task, mlxp.sweep({"steps": 0}, {"steps": [1, 3]}), parent_log_dir=tmp_path / "logs")
    browser.get(mlxp.report(runs.frame(), tmp_path / "report.html", by="config.steps").path.as_uri())

    curves = browser.find_elements("css selector", "polyline.curve")
    assert [curve.value_of_css_property("stroke-width") for curve in curves] == ["6px", "2px"]
