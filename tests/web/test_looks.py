"""Widths, dark, English, contrast: what can be measured of how it looks."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import pytest

import api
from tests.web.person import Person
from tests.web.site import Site

Visit = Callable[..., Person]
TOKENS = (Path(api.__file__).parent / "web" / "widget" / "tokens.css").read_text(encoding="utf-8")
LIGHT, DARK = (dict(re.findall(r"--zk-([\w-]+): (#[0-9A-F]{6});", part))
               for part in TOKENS.split("@media (prefers-color-scheme: dark)"))
TEXT = [("ink", "paper"), ("ink", "mist"), ("muted", "paper"), ("muted", "mist"), ("brand-ink", "paper"),
        ("brand-ink", "mist"), ("on-brand", "brand"), ("wait-ink", "wait-mist"), ("ink", "wait-mist"),
        ("ink", "danger-mist"), ("danger", "paper"), ("danger", "danger-mist"), ("good", "paper"),
        ("good", "good-mist")]
ICONS = [("edge", "paper"), ("wait", "paper"), ("good", "paper"), ("brand", "paper")]


def luminance(colour: str) -> float:
    parts = [int(colour[i:i + 2], 16) / 255 for i in (1, 3, 5)]
    red, green, blue = (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    low, high = sorted((luminance(one), luminance(other)))
    return (high + 0.05) / (low + 0.05)


@pytest.mark.parametrize(("scheme", "tokens"), [("light", LIGHT), ("dark", DARK)])
@pytest.mark.parametrize(("front", "back", "least"),
                         [(*pair, 4.5) for pair in TEXT] + [(*pair, 3.0) for pair in ICONS])
def test_tokens_can_be_read(scheme: str, tokens: dict[str, str], front: str, back: str, least: float) -> None:
    assert contrast(tokens[front], tokens[back]) >= least


@pytest.mark.browser
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_a_brand_of_the_firms_own_is_mended_until_it_can_be_read(visit: Visit, scheme: str) -> None:
    person = visit(color_scheme=scheme)
    tokens = LIGHT if scheme == "light" else DARK
    for colour in ("#FFD200", "#E60012", "#FF6A00", "#00A0E9", "#0A0A0A", "#FFFFFF", "#777777", "#abc"):
        made = person.page.evaluate("""(colour) => {
            const chat = document.querySelector('zhike-chat');
            chat.dataset.brand = colour;
            return Object.fromEntries(['brand', 'on-brand', 'brand-ink']
                .map((name) => [name, getComputedStyle(chat).getPropertyValue(`--zk-${name}`).trim()]));
        }""", colour)
        assert contrast(made["on-brand"], made["brand"]) >= 4.5, (colour, made)
        for back in ("paper", "mist"):
            assert contrast(made["brand-ink"], tokens[back]) >= 4.5, (colour, made, back)
    person.page.evaluate("document.querySelector('zhike-chat').dataset.brand = 'red; background: url(x)'")
    assert person.page.evaluate("document.querySelector('zhike-chat').style.length") == 0


@pytest.mark.browser
@pytest.mark.parametrize(("width", "height"), [(320, 640), (390, 844), (820, 1100), (1280, 800)])
def test_nothing_runs_over_at_any_width(visit: Visit, site: Site, width: int, height: int) -> None:
    person = visit(viewport={"width": width, "height": height})
    for words in (site.words.answer, site.words.clarify, "https://example.com/" + "a" * 200, site.words.human):
        person.ask(words)
    assert person.page.evaluate("document.documentElement.scrollWidth") <= width
    inside = person.page.evaluate("""() => {
        const root = document.querySelector('zhike-chat').shadowRoot;
        const box = root.querySelector('.panel').getBoundingClientRect();
        const out = [...root.querySelectorAll('.panel *')].filter((node) => {
            const { left, right, width } = node.getBoundingClientRect();
            return width > 1 && (left < box.left - 1 || right > box.right + 1);
        });
        const small = [...root.querySelectorAll('.panel *')]
            .filter((node) => parseFloat(getComputedStyle(node).fontSize) < 12);
        return { width: box.width, height: box.height, out: out.map((node) => node.className), small: small.length };
    }""")
    assert inside["out"] == [] and inside["small"] == 0
    assert person.panel.evaluate("(panel) => panel.scrollTop") == 0
    assert (inside["width"], inside["height"]) == ((width, height) if width < 480 else (380, 620))


@pytest.mark.browser
def test_dark_follows_the_system(visit: Visit, site: Site) -> None:
    person = visit(color_scheme="dark")
    person.ask(site.words.answer)
    style = person.panel.evaluate_handle("getComputedStyle")
    colours = [style.evaluate(f"(style) => style.{name}") for name in ("backgroundColor", "color")]
    assert colours == ["rgb(18, 23, 30)", "rgb(230, 235, 242)"]


@pytest.mark.browser
def test_motion_stops_where_the_reader_asked_for_none(visit: Visit) -> None:
    person = visit(reduced_motion="reduce")
    assert person.panel.evaluate("(panel) => getComputedStyle(panel).animationName") == "none"


@pytest.mark.browser
def test_english_is_one_click_away_and_stays(visit: Visit, site: Site) -> None:
    person = visit()
    reply = person.ask(site.words.answer)
    person.field.fill("half a question")
    person.panel.get_by_role("button", name="Switch to English").click()
    person.panel.get_by_text("The assistant is answering").wait_for()
    assert person.field.input_value() == "half a question"
    assert reply.get_by_role("button", name="Not helpful").is_visible()
    shown = person.panel.locator("header, .banner, .composer, .notice").all_inner_texts()
    assert not re.search(r"[\u4e00-\u9fff]", " ".join(shown).replace("中文", "").replace("知客证券（演示）", ""))
    person.page.reload()
    person.open()
    person.panel.get_by_text("Approved information").wait_for()
    person.panel.get_by_role("button", name="切换到中文").click()
    person.panel.get_by_text("智能助手为您解答").wait_for()


@pytest.mark.browser
@pytest.mark.parametrize("width", [390, 820, 1280])
def test_the_demo_page_fits_and_calls_nobody(visit: Visit, site: Site, width: int) -> None:
    person = visit(opened=False, viewport={"width": width, "height": 844})
    addresses: list[str] = []
    person.page.on("request", lambda request: addresses.append(request.url))
    person.page.reload()
    person.launcher.wait_for()
    assert person.page.evaluate("document.documentElement.scrollWidth") <= width
    assert all(address.startswith(site.url) for address in addresses)
    assert "示例数据" in person.page.locator("#market").inner_text()


@pytest.mark.browser
def test_an_answer_longer_than_the_window_is_read_from_its_beginning(visit: Visit, site: Site) -> None:
    person = visit(viewport={"width": 320, "height": 380})
    place = "(node) => [node.getBoundingClientRect().top, node.getBoundingClientRect().bottom]"
    top, bottom = person.panel.locator(".scroll").evaluate(place)
    reply = person.ask(site.words.answer)
    person.page.wait_for_timeout(300)
    begins, ends = reply.evaluate(place)
    assert top <= begins < bottom and (ends <= bottom or begins < top + 20)
    person.ask(site.words.human)
    person.page.wait_for_timeout(300)
    assert person.panel.locator(".line").evaluate(place)[1] <= person.panel.locator(".scroll").evaluate(place)[1]
