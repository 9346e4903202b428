"""The real application on a free port, with a browser in front of it."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from api.app import create_app
from assistant.bootstrap import Application, load_knowledge, open_application
from assistant.settings import Settings
from assistant.storage import Store
from knowledge.articles import KnowledgeBase
from knowledge.encoder import load_encoder
from tests.api.conftest import serving
from tests.fakes.knowledge import an_article, fake_application, fake_base
from tests.fakes.models import searching_application
from tests.web.colleague import Colleague, colleagues
from tests.web.office import Office
from tests.web.person import Person
from tests.web.rigged import ALWAYS_OPEN, Rigged
from tests.web.site import FAKE, REAL, Site

FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update",
         "--disable-sync", "--no-first-run",
         # A test plays a site of the firm's that is not on this machine, and such may not call this machine.
         "--disable-features=LocalNetworkAccessChecks"]
ROOT = Path(__file__).parents[2]
MODELS = ROOT / "knowledge" / "models"
INDEX = ROOT / "data" / "index"


@pytest.fixture(scope="package")
def browser() -> Iterator[Any]:
    """For this folder only: while Playwright runs, no other test could run an event loop of its own."""
    playwright = pytest.importorskip("playwright.sync_api", reason="pip install playwright")
    program = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    if program is None:
        pytest.skip("no Chromium here: apt-get install chromium fonts-noto-cjk")
    with playwright.sync_playwright() as running:
        browser = running.chromium.launch(executable_path=program, args=FLAGS)
        yield browser
        browser.close()


@pytest.fixture(scope="package")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """The shipped assistant where its index is built, which takes minutes; else one that decides by keyword."""
    folder = tmp_path_factory.mktemp("site")
    settings = Settings(data=folder, service=ALWAYS_OPEN)
    if not _is_built(settings):
        with Rigged(folder) as rigged:
            yield Site(rigged.url, FAKE)
        return
    (folder / "index").symlink_to(INDEX)
    application = open_application(settings)
    with serving(create_app(settings, lambda: application)) as url:
        yield Site(url, REAL)


def _is_built(settings: Settings) -> bool:
    if not all((MODELS / name).is_file() for name in ("encoder/model.onnx", "ranker/ranker.json")):
        return False
    wanted = load_knowledge(settings).digest, load_encoder(settings.encoder).fingerprint
    manifests = (json.loads(path.read_text(encoding="utf-8")) for path in INDEX.glob("*/manifest.json"))
    return any((manifest["knowledge"], manifest["fingerprint"]) == wanted for manifest in manifests)


@pytest.fixture
def rigged(tmp_path: Path) -> Iterator[Callable[..., Rigged]]:
    """Servers whose settings, replies and failures a test chooses."""
    opened: list[Rigged] = []

    def start(**settings: Any) -> Rigged:
        folder = tmp_path / str(len(opened))
        folder.mkdir()
        opened.append(Rigged(folder, **settings).__enter__())
        return opened[-1]

    yield start
    for one in opened:
        one.__exit__()


@pytest.fixture
def visit(browser: Any, site: Site) -> Iterator[Callable[..., Person]]:
    """A person with a browser of their own; the page must not have complained when they leave."""
    people: list[Person] = []

    def come(url: str = "", *, opened: bool = True, complaints: bool = False, **options: Any) -> Person:
        options = {"viewport": {"width": 1280, "height": 800}, "locale": "zh-CN", **options}
        context = browser.new_context(**options)
        person = Person(context, url or site.url, complaints=complaints)
        people.append(person)
        if opened:
            person.open()
        return person

    yield come
    for person in people:
        person.leave()


@pytest.fixture
def office(tmp_path: Path) -> Iterator[Office]:
    base = fake_base(an_article("open-account", "怎么开户", "在手机上开户。"), an_article("close-account", "怎么销户", "到营业部销户。"),
                     an_article("tax", "税多少", "税是 {{fact.rate}}。", category="fees", intent="fees.tax"))
    with _office(tmp_path, fake_application, base) as office:
        yield office


@pytest.fixture
def searching_office(tmp_path: Path) -> Iterator[Office]:
    """It finds by a real index, so that questions can be taken from one article by another."""
    fees = {"category": "fees", "intent": "fees.tax"}
    base = fake_base(an_article("open-account", "怎么开户", "在手机上开户。"),
                     an_article("stamp-duty", "印花税多少", "税是 {{fact.rate}}。", similar=("股票的税率",), **fees),
                     an_article("transfer-fee", "过户费多少", "按成交金额收取。", similar=("过户怎么收费",), **fees),
                     an_article("fallback", "没有答案", "没有找到。", kind="fallback", similar=()))
    with _office(tmp_path, searching_application, base) as office:
        yield office


@contextmanager
def _office(folder: Path, made: Callable[[Settings, Store, KnowledgeBase], Application], base: KnowledgeBase) -> Iterator[Office]:
    settings = Settings(data=folder, poll_seconds=0.1, service=ALWAYS_OPEN)
    app = create_app(settings, lambda: made(settings, Store.open(settings.database_url), base))
    with serving(app) as url:
        yield Office(app, url)


@pytest.fixture
def at_desk(browser: Any, request: pytest.FixtureRequest) -> Iterator[Callable[..., Colleague]]:
    office = request.getfixturevalue("searching_office" if "searching_office" in request.fixturenames else "office")
    with colleagues(browser, office.url) as come:
        yield lambda name, place="", **options: come(name, f"desk{place}", **options)
