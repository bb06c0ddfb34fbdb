"""The pages: what they lead to is there, and what they show runs as it stands there."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
PAGES = sorted((ROOT / "docs").glob("*.md"))


@pytest.mark.parametrize("page", [ROOT / "README.md", *PAGES], ids=lambda page: page.name)
def test_links_lead_somewhere(page):
    links = re.findall(r"\]\((?!https?:)([^)#]+)", page.read_text())

    assert [link for link in links if not (page.parent / link).exists()] == []


def test_readme_leads_to_every_page():
    readme = (ROOT / "README.md").read_text()

    assert [page.name for page in PAGES if f"](docs/{page.name})" not in readme] == []


def test_guarantees_stand_beside_tests_that_are_there():
    named = re.findall(r"`((?:tests|property_tests)/[^`]*)`", (ROOT / "docs/guarantees.md").read_text())

    assert len(named) > 60
    assert [path for path in named if not (ROOT / path).exists()] == []
