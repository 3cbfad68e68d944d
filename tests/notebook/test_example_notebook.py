"""The example notebook is executed on the emulator, exported, and looked at in Chromium."""

from __future__ import annotations

import os
import shutil
from pathlib import Path
from typing import Any

import pytest

nbformat = pytest.importorskip("nbformat")
nbclient = pytest.importorskip("nbclient")
nbconvert = pytest.importorskip("nbconvert")

NOTEBOOK = Path(__file__).parents[2] / "examples" / "notebook.ipynb"
CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
# The least contrast of text that is read easily (WCAG 2.2, success criterion 1.4.3).
ENOUGH = 4.5
CONTRAST = """\
() => {
  const parse = text => text.match(/[\\d.]+/g).map(Number);
  const light = ([r, g, b]) => [r, g, b].map(v => v / 255)
    .map(v => v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4)
    .reduce((sum, v, at) => sum + v * [0.2126, 0.7152, 0.0722][at], 0);
  const behind = node => {
    for (let at = node; at; at = at.parentElement) {
      const [r, g, b, a = 1] = parse(getComputedStyle(at).backgroundColor);
      if (a === 1) return [r, g, b];
      if (a !== 0) throw new Error("a half transparent background");
    }
    return [255, 255, 255];
  };
  return [...document.querySelectorAll(".baseten *")]
    .filter(node => [...node.childNodes].some(n => n.nodeType === 3 && n.data.trim()))
    .filter(node => node.tagName !== "STYLE")
    .map(node => {
      const [a, b] = [parse(getComputedStyle(node).color), behind(node)].map(light);
      const ratio = (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
      return [node.textContent.trim().slice(0, 40), ratio];
    });
}
"""


@pytest.fixture(scope="module")
def executed(tmp_path_factory: pytest.TempPathFactory) -> Any:
    with pytest.MonkeyPatch.context() as patch:
        for name in list(os.environ):
            if name.startswith(("BASETEN_", "OPENAI_", "COV_", "COVERAGE_")):
                patch.delenv(name)
        patch.setenv("HOME", str(tmp_path_factory.mktemp("home")))
        notebook = nbformat.read(NOTEBOOK, as_version=4)
        nbclient.NotebookClient(notebook, timeout=60, kernel_name="python3").execute()
    return notebook


def shown(notebook: Any, source: str) -> list[Any]:
    (cell,) = [cell for cell in notebook.cells if cell.source.startswith(source)]
    found: list[Any] = cell.outputs
    return found


def test_it_is_committed_without_outputs_and_has_no_key() -> None:
    notebook = nbformat.read(NOTEBOOK, as_version=4)
    nbformat.validate(notebook)
    assert [
        cell.outputs for cell in notebook.cells if cell.cell_type == "code" and cell.outputs
    ] == []


def test_every_cell_shows_what_it_is_for(executed: Any) -> None:
    errors = [
        output.ename
        for cell in executed.cells
        for output in cell.get("outputs", [])
        if output.output_type == "error"
    ]
    assert errors == ["UnsupportedFeatureError"]  # the cell that shows a refusal
    for source, rows in {
        "%baseten models vision listed": 8,
        "%baseten model glm-5.2": 8,
        "%baseten report": 5,
        "import baseten_openai": 4,
    }.items():
        (output,) = shown(executed, source)
        assert output.data["text/html"].count("<tr>") >= rows, source
    (figure,) = shown(executed, "baseten_openai.report().plot()")
    assert figure.data["image/png"]


@pytest.mark.skipif(CHROMIUM is None, reason="no chromium here (Debian's package `chromium`)")
@pytest.mark.parametrize("theme", ["light", "dark"])
def test_the_tables_are_readable_in_a_browser(theme: str, executed: Any, tmp_path: Path) -> None:
    playwright = pytest.importorskip("playwright.sync_api")
    html, _ = nbconvert.HTMLExporter(
        theme=theme, require_js_url="", mathjax_url=""
    ).from_notebook_node(executed)
    page_file, picture = tmp_path / "notebook.html", tmp_path / f"{theme}.png"
    page_file.write_text(html, encoding="utf-8")
    with playwright.sync_playwright() as driver:
        browser = driver.chromium.launch(
            executable_path=CHROMIUM,
            args=["--no-sandbox", "--disable-gpu", "--disable-background-networking"],
        )
        context = browser.new_context(viewport={"width": 1200, "height": 900}, offline=True)
        page = context.new_page()
        page.goto(page_file.as_uri())
        ratios = page.evaluate(CONTRAST)
        tables = page.locator("table.baseten-table")
        count = tables.count()
        wide = [tables.nth(at).bounding_box()["width"] for at in range(count)]
        background = page.evaluate("getComputedStyle(document.body).backgroundColor")
        page.screenshot(path=str(picture), full_page=True)
        browser.close()
    assert sum(map(int, background[4:-1].split(","))) < 200 if theme == "dark" else background
    assert count >= 10
    assert min(wide) > 100
    assert len(ratios) > 200
    assert [one for one in ratios if one[1] < ENOUGH] == []
    assert picture.stat().st_size > 50_000
    kept = os.environ.get("KEEP_SCREENSHOTS")
    if kept:
        shutil.copy(picture, kept)
