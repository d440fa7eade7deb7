"""A link of a dashboard opens the console's page at the very lamp, not only the page."""

import re

import pytest

from cloud_sync.grafana.fields_json import PATHS
from cloud_sync.grafana.shapes import Leads
from tests.house.tree import ROOT

PAGES = ROOT / "edge" / "console" / "web" / "js" / "pages"


@pytest.mark.parametrize("leads", PATHS)
def test_the_page_reads_what_the_link_says(leads: Leads) -> None:
    page, _, asked = PATHS[leads].partition("?")
    name = page or "town"
    texts = [(PAGES / f"{name}.js").read_text("utf-8")]
    texts += [file.read_text("utf-8") for file in (PAGES / name).glob("*.js")]
    whole = "\n".join(texts)
    assert f"path: '/{page}'" in whole
    for key in re.findall(r"(\w+)=", asked):
        reads = rf"params\??\.{key}\b|\{{[^}}]*\b{key}\b[^}}]*\}} = [\w.]*params"
        assert re.search(reads, whole), f"{name} does not read {key}"
