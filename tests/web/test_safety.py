"""Hostile words stay words; the page around the widget may be strict, or of another origin."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from tests.web.person import Person
from tests.web.rigged import Rigged
from tests.web.site import Site

pytestmark = pytest.mark.browser
Visit = Callable[..., Person]
HOSTILE = ['<img src=x onerror="window.hurt=1">', "[a](javascript:window.hurt=1)", "<script>window.hurt=1</script>",
           "**<b onclick=x>**", "[a](data:text/html,<script>1</script>)", "[a](https://x.example/\" onclick=\"1)"]
RENDER = """async (text) => {
    const { render } = await import('/widget/markdown.js');
    const box = document.createElement('div');
    box.append(...render(text));
    return box.innerHTML;
}"""


@pytest.fixture(scope="module")
def blank(browser: Any, site: Site) -> Iterator[Any]:
    """A page of the server's, for trying single modules."""
    page = browser.new_page()
    page.goto(site.url)
    yield page
    page.close()


def test_hostile_words_of_the_client_stay_words(visit: Visit) -> None:
    person = visit()
    for text in HOSTILE[:3]:
        person.ask(text)
    assert person.own.all_inner_texts() == HOSTILE[:3]
    assert person.panel.locator(".log img, .log script, .log .client a").count() == 0
    assert person.page.evaluate("window.hurt") is None


@pytest.mark.parametrize("text", HOSTILE)
def test_hostile_markdown_stays_text(blank: Any, text: str) -> None:
    made = blank.evaluate("""async (text) => {
        const { render } = await import('/widget/markdown.js');
        const box = document.createElement('div');
        box.append(...render(text));
        document.body.append(box);
        return { tags: [...box.querySelectorAll('*')].map((node) => node.localName), text: box.textContent };
    }""", text)
    assert set(made["tags"]) <= {"p", "strong"}
    assert made["text"] == text.replace("**", "")
    assert blank.evaluate("window.hurt") is None


@pytest.mark.parametrize(("text", "expected"), [
    ("一段\n\n二段", "<p>一段</p><p>二段</p>"),
    ("一行\n二行", "<p>一行<br>二行</p>"),
    ("可以：\n- **甲**：一\n- 乙\n\n完", "<p>可以：</p><ul><li><strong>甲</strong>：一</li><li>乙</li></ul><p>完</p>"),
    ("1. 甲\n2. 乙\n  续", "<ol><li>甲</li><li>乙<br>续</li></ol>"),
    ("3. 丙", '<ol start="3"><li>丙</li></ol>'),
    ("±10.5% 不是列表\n2026 年也不是", "<p>±10.5% 不是列表<br>2026 年也不是</p>"),
    ("1.5 倍不是列表", "<p>1.5 倍不是列表</p>"),
    ("2 * 3 ** 4", "<p>2 * 3 ** 4</p>"),
    ("[规则](https://example.com/a)",
     '<p><a href="https://example.com/a" target="_blank" rel="noopener noreferrer nofollow">规则</a></p>'),
    ("[规则](http://example.com/a)", "<p>[规则](http://example.com/a)</p>"),
    ("", ""),
])
def test_markdown_of_answers(blank: Any, text: str, expected: str) -> None:
    assert blank.evaluate(RENDER, text) == expected


def test_no_cookies(visit: Visit, site: Site) -> None:
    person = visit()
    person.ask(site.words.answer)
    assert person.context.cookies() == []


def test_on_another_strict_site_without_https(visit: Visit, rigged: Callable[..., Rigged]) -> None:
    """No crypto.randomUUID and no locks there; no inline style or script is allowed."""
    home = "http://firm.example"
    server = rigged(cors_origins=(home,))
    policy = (f"default-src 'none'; script-src {server.url}; connect-src {server.url}; "
              "require-trusted-types-for 'script'; trusted-types 'none'")
    page = f"""<!doctype html><title>firm</title><style>p {{ color: red }}</style><p>Firm</p>
        <script src="{server.url}/widget.js" data-channel="web" data-lang="en" data-title="Firm" data-brand="#C8102E"
                data-open defer></script>"""
    person = visit(server.url, opened=False, complaints=True)
    fulfil(person.page, home, page, policy)
    assert person.page.evaluate("isSecureContext") is False
    person.panel.get_by_role("heading", name="Firm").wait_for()
    person.ask("怎么开户")
    assert person.panel.evaluate("(panel) => getComputedStyle(panel).width") == "380px"
    assert person.launcher.evaluate("(button) => getComputedStyle(button).backgroundColor") == "rgb(200, 16, 46)"
    person.page.wait_for_timeout(300)
    assert person.replies.count() == 1


def fulfil(page: Any, address: str, body: str, policy: str) -> None:
    page.route(f"{address}/", lambda route: route.fulfill(
        body=body, headers={"Content-Type": "text/html; charset=utf-8", "Content-Security-Policy": policy}))
    page.goto(f"{address}/")


def test_without_storage_it_still_works(visit: Visit, site: Site) -> None:
    person = visit(opened=False)
    person.page.add_init_script(
        "Object.defineProperty(window, 'localStorage', { get() { throw new Error('blocked'); } })")
    person.page.reload()
    person.open()
    person.ask(site.words.answer)


def test_the_stream_is_cut_anywhere(blank: Any) -> None:
    stream = ('retry: 2000\n\nid: 1\nevent: a\ndata: {"x": 1}\n\n: heartbeat\n\n'
              'id: 2\r\ndata: {"x":\r\ndata: 2}\r\n\r\n')
    seen = blank.evaluate("""async (stream) => {
        const { Frames } = await import('/widget/stream.js');
        const runs = [];
        for (let size = 1; size < stream.length; size += 1) {
            const seen = [];
            const frames = new Frames((id, data) => seen.push([id, data.x]));
            for (let at = 0; at < stream.length; at += size) frames.push(stream.slice(at, at + size));
            runs.push(JSON.stringify(seen));
        }
        return [...new Set(runs)];
    }""", stream)
    assert seen == [json.dumps([[1, 1], [2, 2]], separators=(",", ":"))]
