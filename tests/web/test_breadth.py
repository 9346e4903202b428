"""A client who is known, pictures and files both ways, the search, a colleague who helps: one story in two browsers."""

from __future__ import annotations

import io
import re
from collections.abc import Callable
from datetime import UTC, datetime

import pytest
from PIL import Image
from pydantic import SecretStr

from assistant.audit import SYSTEM
from assistant.client_record import ClientFields
from assistant.roles import Role
from assistant.vouching import Vouching
from tests.api.conftest import add_account, running
from tests.assistant.test_vouching import SECRET
from tests.web.colleague import Colleague
from tests.web.person import Person
from tests.web.rigged import Rigged
from tests.web.test_console import come  # noqa: F401

Visit = Callable[..., Person]


def picture() -> bytes:
    out = io.BytesIO()
    Image.new("RGB", (320, 200), "steelblue").save(out, "PNG")
    return out.getvalue()


@pytest.fixture
def server(rigged: Callable[..., Rigged]) -> Rigged:
    server = rigged(client_token_secret=SecretStr(SECRET))
    for name in ("agent1", "agent2"):
        add_account(server.app, name, Role.AGENT)
    running(server.app).clients.put("C-1", ClientFields(display_name="谷雨"), SYSTEM)
    return server


def test_known_client_files_search_and_a_helper(visit: Visit, come: Callable[..., Colleague], server: Rigged) -> None:  # noqa: F811
    token = Vouching(secret=SECRET).issue("C-1", now=datetime.now(UTC))
    conversations = running(server.app).conversations
    earlier = conversations.open("app", token).conversation.id
    running(server.app).inbox.receive(earlier, "m1", "上次问的开户")
    person, agent, helper = visit(server.url), come(), come("agent2")
    person.ask("转人工")
    agent.choose("waiting")
    assert "未知访客" in agent.talk.inner_text() or "谷雨" not in agent.page.locator(".card-of").inner_text()
    agent.claim()

    # The page says who it is: the agent sees the record and what was said before, and so does the client.
    person.page.evaluate("token => zhike.identify(token)", token)
    agent.page.locator(".card-of", has_text="谷雨").wait_for()
    agent.page.locator(".past-of .past-line", has_text="App").wait_for()
    agent.talk.get_by_text("客户的身份已确认").wait_for()
    person.panel.get_by_role("button", name="查看以前的对话").click()
    person.panel.locator(".past-list .message.client", has_text="上次问的开户").wait_for()

    # A picture from the client, a file from the agent.
    person.panel.locator("input[type=file]").set_input_files({"name": "截图.png", "mimeType": "image/png", "buffer": picture()})
    shown = agent.talk.locator(".message.client .file.picture img")
    shown.wait_for()
    agent.page.wait_for_function("image => image.naturalWidth === 320", arg=shown.element_handle())
    person.panel.locator(".message.client .file.picture img").wait_for()
    agent.talk.locator("input[type=file]").set_input_files({"name": "说明.txt", "mimeType": "text/plain", "buffer": "请看".encode()})
    person.panel.locator(".message.agent .file", has_text="说明.txt").wait_for()
    agent.talk.locator(".message.own .file", has_text="说明.txt").wait_for()
    with person.page.expect_download() as download:
        person.panel.locator(".message.agent .file").click()
    assert download.value.suggested_filename == "说明.txt"
    person.panel.locator("input[type=file]").set_input_files({"name": "a.png", "mimeType": "image/png", "buffer": b"MZ\x90\x00"})
    person.panel.get_by_text("不能发送这种文件").wait_for()
    person.panel.get_by_role("button", name="移除").click()

    # The search: found, inserted, sent.
    agent.press("Alt+k")
    agent.page.get_by_role("combobox", name="像客户那样提问").fill("开户")
    agent.page.locator("dialog.search [role=option]", has_text="开户").first.wait_for()
    agent.press("Enter")
    assert "手机上开户" in agent.field.input_value()
    agent.field.press("Enter")
    person.panel.locator(".message.agent .bubble", has_text="手机上开户").wait_for()

    # A phrase of one's own, with the client's name.
    agent.talk.get_by_role("button", name="我的快捷").click()
    agent.page.get_by_label("名称").fill("请稍候")
    agent.page.get_by_label("内容").fill("{称呼}，我是{坐席}，请稍候。")
    agent.page.get_by_role("button", name="保存", exact=True).click()
    agent.page.locator("dialog.own-of .own li", has_text="qsh").wait_for()
    agent.press("Escape")
    agent.field.fill("/qsh")
    agent.page.locator(".quick [role=option]", has_text="请稍候").first.wait_for()
    agent.field.press("Enter")
    assert agent.field.input_value() == "谷雨，我是agent1，请稍候。"
    agent.field.fill("")

    # A tag, and a colleague who reads along and whispers.
    agent.page.get_by_label("添加标签").fill("投诉")
    agent.page.get_by_label("添加标签").press("Enter")
    agent.page.locator(".labels .tags li", has_text="投诉").wait_for()
    agent.page.get_by_role("button", name="邀请同事协助").click()
    agent.page.locator("dialog .option", has_text="agent2").click()
    helper.section("invited").locator(".line").wait_for()
    helper.choose("invited")
    helper.talk.locator(".file.picture").wait_for()
    helper.press("Alt+n")
    helper.field.press_sequentially("先核实")
    agent.talk.get_by_text(re.compile("agent2.*正在输入")).wait_for()
    helper.field.press("Enter")
    agent.talk.locator(".message.note", has_text="先核实").wait_for()
    assert person.panel.get_by_text("先核实").count() == 0
