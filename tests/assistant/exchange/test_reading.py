"""Real files of every kind, and hostile ones, through the worker."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import zipfile
from collections.abc import Iterator
from io import BytesIO

import pytest

from assistant.errors import FileEncrypted, FileTooLarge, FileUnsafe, FileUnsupported, KnowledgeFileRefused
from assistant.exchange.blocks import Pair, Split
from assistant.exchange.reading import read_file, taken
from assistant.exchange.worker import result_of
from tests.assistant.exchange.files import excel, packed, pdf, replaced, word

LONG = "投资者可以在手机上办理开户，需要准备身份证原件和银行卡，年满十八周岁即可，全程约十分钟完成，结果以短信通知为准，请注意查收。"
TABLE = [["分类", "问题", "答案", "相似问法"], ["费用", "佣金多少？", "以合同为准。", "手续费多少；交易费用"], ["", "有优惠吗？", "没有。", ""]]


def read_here(name: str, content: bytes) -> Split:
    """As the worker does, without the second that starting it takes."""
    return taken(json.loads(json.dumps(result_of(name, content)))).split


def found(name: str, content: bytes) -> tuple[list[tuple[str, str]], list[tuple[str, int]]]:
    """Questions with answers, and reasons with the number of the place."""
    return questions_of(read_here(name, content))


def questions_of(split: Split) -> tuple[list[tuple[str, str]], list[tuple[str, int]]]:
    return [(pair.question, pair.answer) for pair in split.pairs], [(item.reason, item.place.number) for item in split.not_taken]


def test_word() -> None:
    content = word(("Title", "业务手册"), "本手册供内部使用。", ("Heading 1", "开户"), ("Heading 2", "怎么开户？"), LONG, ("List Bullet", "手机办理"),
                   ("List Bullet", "柜台办理"), ("Heading 2", "没有答案的问题？"), "问：能周末开户吗？", "答：可以。", ("bold", "多久能开好"), "当天。", TABLE)
    assert questions_of(read_file("手册.docx", content).split) == questions_of(read_here("手册.docx", content)) == (
        [("怎么开户？", f"{LONG}\n\n- 手机办理\n- 柜台办理"), ("能周末开户吗？", "可以。\n\n**多久能开好**\n\n当天。"), ("佣金多少？", "以合同为准。"),
         ("有优惠吗？", "没有。")], [("no_question", 2), ("no_answer", 8)])


def test_excel_in_several_sheets() -> None:
    content = excel({"费用": [["客服问答汇总"], [], *TABLE, ["", "", "孤立的答案", ""]], "旧": [["问题", "答案"], ["旧问题？", "旧"]],
                     "人员": [["姓名", "部门"], ["张三", "客服"]]}, hidden=["旧"])
    split = read_here("表.xlsx", content)
    assert [(pair.question, pair.category, pair.similar, pair.place.number, pair.place.part) for pair in split.pairs] == [
        ("佣金多少？", "费用", ("手续费多少", "交易费用"), 4, "费用"), ("有优惠吗？", "费用", (), 5, "费用")]
    assert [(item.reason, item.place.part) for item in split.not_taken] == [
        ("no_question", "费用"), ("no_question", "费用"), ("hidden_sheet", "旧"), ("table", "人员")]


def test_formulas_are_not_evaluated() -> None:
    assert found("x.xlsx", excel({"a": [["问题", "答案"], ["算吗？", "=1+1"]]})) == ([], [("no_answer", 2)])


def test_pdf_with_wrapped_lines_headings_tables_and_running_headers() -> None:
    content = pdf([(18, "开户"), (11, f"1. 怎么开户？\n{LONG}\n2. 怎么销户？\n先清仓。"), TABLE],
                  [(18, "交易"), (14, "几点开盘"), (11, "上午九点半。")], [(14, "几点收盘"), (11, "下午三点。")])
    pairs, left = found("手册.pdf", content)
    assert pairs == [("怎么开户？", LONG), ("怎么销户？", "先清仓。"), ("佣金多少？", "以合同为准。"), ("有优惠吗？", "没有。"),
                     ("几点开盘", "上午九点半。"), ("几点收盘", "下午三点。")]
    assert left == [("page_furniture", page) for page in (1, 1, 2, 2, 3, 3)]


def test_html_as_a_reader_sees_it() -> None:
    page = """<!DOCTYPE html><html><head><title>x</title><script>alert(1)</script></head><body><nav>首页</nav><h1>常见问题</h1>
        <h2>怎么开户</h2><p>用手机，<br>见 <a href="https://example.com/a">这里</a>，<a href="javascript:alert(1)">不在这里</a>。</p>
        <ol><li>下载</li><li>注册</li></ol><img src="http://example.com/x.png" alt="图">
        <details><summary>能退吗？</summary>能。</details><dl><dt>佣金</dt><dd>以合同为准。</dd></dl>
        <table><tr><th>问题</th><th>答案</th></tr><tr><td>几点开盘？</td><td>九点半。</td></tr></table><div hidden>看不见</div></body></html>"""
    assert found("faq.html", page.encode()) == (
        [("怎么开户", "用手机，\n见 [这里](https://example.com/a)，不在这里。\n\n1. 下载\n2. 注册"), ("能退吗？", "能。"), ("佣金", "以合同为准。"),
         ("几点开盘？", "九点半。")], [("picture", 3)])


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "utf-16"])
def test_texts_in_the_encodings_that_occur(encoding: str) -> None:
    assert found("a.csv", "问题;答案\n怎么开户?;用手机\n".encode(encoding)) == ([("怎么开户?", "用手机")], [])
    markdown = "# 常见问题\n\n**怎么开户**\n用手机：\n\n- 下载\n- 注册\n\n![图](x.png)\n\n问：几点开盘？答：九点半。\n\n<b>x</b>\n"
    assert found("a.md", markdown.encode(encoding)) == (
        [("怎么开户", "用手机：\n\n- 下载\n- 注册"), ("几点开盘？", "九点半。\n\n<b>x</b>")], [("picture", 9)])


def test_an_archive_holds_markdown_only() -> None:
    content = packed({"a/b.md": "## 怎么开户\n用手机\n", "inner.zip": packed({"x.md": "# x"}), "bad.md": "---\nx\n"})
    assert found("a.zip", content) == ([("怎么开户", "用手机")], [("not_markdown", 2), ("article_invalid", 1)])


def entities(of: str) -> bytes:
    return (f'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "{"ha" * 99}">{of}]><x>&a;</x>').encode()


def lies(document: bytes) -> bytes:
    """Half of the file."""
    return document[:len(document) // 2]


def hostile() -> Iterator[tuple[str, str, object, type[KnowledgeFileRefused]]]:
    document, workbook = word("问：a？", "答：b"), excel({"a": [["问题", "答案"]]})
    laughs = "".join(f'<!ENTITY a{n} "{f"&a{n - 1};" * 10}">' for n in range(1, 9))
    yield "empty", "x.docx", b"", KnowledgeFileRefused
    yield "no type", "x.exe", b"MZ\x00", FileUnsupported
    yield "no ending", "docx", document, FileUnsupported
    yield "Word that says PDF", "x.pdf", document, FileUnsupported
    yield "Word that says Excel", "x.xlsx", document, FileUnsupported
    yield "text that says Word", "x.docx", b"hello", FileUnsupported
    yield "page that says table", "x.csv", b"<html><body>x</body></html>", FileUnsupported
    yield "binary that says text", "x.md", bytes(range(256)), KnowledgeFileRefused
    yield "macros by name", "x.DOCM", document, FileUnsafe
    yield "Office 97 by name", "x.doc", b"x", FileUnsupported
    yield "Office 97", "x.docx", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600), FileUnsupported
    yield "Word with a password", "x.docx", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + "EncryptedPackage".encode("utf-16-le"), FileEncrypted
    yield "truncated Word", "x.docx", lies(document), KnowledgeFileRefused
    yield "truncated Excel", "x.xlsx", lies(workbook), KnowledgeFileRefused
    yield "Word without its document", "x.docx", replaced(document, {"word/document.xml": b"<a/>"}), KnowledgeFileRefused
    yield "zip bomb", "x.zip", packed({"a.md": bytes(50_000_000)}), FileUnsafe
    yield "bomb in Word", "x.docx", replaced(document, {"word/document.xml": b"<a>" + b" " * 60_000_000 + b"</a>"}), FileUnsafe
    yield "far too much", "x.zip", packed({f"{n}.md": os.urandom(1000) + bytes(50_000) for n in range(5001)}), FileTooLarge
    yield "billion laughs in Word", "x.docx", replaced(document, {"word/document.xml": entities(laughs)}), FileUnsafe
    yield "billion laughs in Excel", "x.xlsx", replaced(workbook, {"xl/workbook.xml": entities(laughs)}), FileUnsafe
    yield "a file of ours", "x.docx", replaced(document, {"word/x.xml": entities('<!ENTITY b SYSTEM "file:///etc/passwd">')}), FileUnsafe
    yield "entities in UTF-16", "x.docx", replaced(document, {"word/x.xml": entities(laughs).decode().encode("utf-16")}), FileUnsafe
    yield "another encoding", "x.docx", replaced(document, {"word/x.xml": b'<?xml version="1.0" encoding="UTF-7"?><a/>'}), KnowledgeFileRefused
    yield "macros", "x.docx", replaced(document, {"word/vbaProject.bin": b"x"}), FileUnsafe
    yield "macros that it declares", "x.xlsx", replaced(workbook, {"[Content_Types].xml": b"<a>sheet.macroEnabled.main+xml</a>"}), FileUnsafe
    yield "presentation", "x.docx", packed({"[Content_Types].xml": "<a/>", "ppt/x.xml": "<a/>"}), FileUnsupported
    yield "no PDF after all", "x.pdf", b"%PDF-1.7\nnothing", KnowledgeFileRefused
    yield "YAML that never ends", "x.md", "---\na: &a [x,x]\n{}\n---\n".format(
        "\n".join(f"{chr(98 + n)}: &{chr(98 + n)} [{','.join(['*' + chr(97 + n)] * 9)}]" for n in range(12))).encode(), FileUnsafe
    yield "pages nested deep", "x.html", b"<html>" + b"<div>" * 100_000, KnowledgeFileRefused


@pytest.mark.parametrize(("name", "content", "error"), [pytest.param(*case, id=label) for label, *case in hostile()])
def test_hostile_and_broken_files_are_refused(name: str, content: bytes, error: type[KnowledgeFileRefused]) -> None:
    try:
        split = read_here(name, content)
    except KnowledgeFileRefused as refused:
        assert type(refused) is error, refused
        assert "Traceback" not in str(refused) and len(str(refused)) < 300
    else:
        # A lenient reader may make something of it, but nothing to publish.
        assert error is KnowledgeFileRefused and split.pairs == ()


def test_a_pdf_with_a_password_and_one_without_text() -> None:
    with pytest.raises(FileEncrypted):
        read_here("x.pdf", pdf([(11, "Q: a?")], password="secret"))
    with pytest.raises(KnowledgeFileRefused):
        read_here("x.pdf", pdf([]))


def test_an_encrypted_archive() -> None:
    content = bytearray(packed({"a.md": "# x"}))
    with zipfile.ZipFile(BytesIO(bytes(content))) as archive:
        start = archive.start_dir
    content[start + 8] |= 1
    with pytest.raises(FileEncrypted):
        read_here("x.zip", bytes(content))


def test_time_is_bounded() -> None:
    with pytest.raises(FileTooLarge):
        read_file("x.md", b"x", seconds=0.01)


def test_while_a_file_is_read_nothing_else_can_be_done() -> None:
    attempts = """
import os, socket, subprocess, sys
from assistant.exchange.worker import _limit
_limit()
for attempt in (lambda: socket.create_connection(("127.0.0.1", 1)), lambda: subprocess.run(["true"]), lambda: open("/tmp/x", "w"), lambda: os.system("true"),
                lambda: os.open("/tmp/x", os.O_WRONLY | os.O_CREAT), lambda: os.remove("/tmp/nothing"), lambda: bytes(3_000_000_000)):
    try:
        attempt()
    except (PermissionError, MemoryError) as error:
        print(type(error).__name__)
"""
    done = subprocess.run([sys.executable, "-c", attempts], capture_output=True, text=True, timeout=60)
    assert done.stdout.split() == ["PermissionError"] * 6 + ["MemoryError"], done.stderr


def test_pairs_keep_their_place() -> None:
    (pair,) = read_here("a.md", "\n\n## 怎么开户\n\n用手机\n".encode()).pairs
    assert isinstance(pair, Pair) and (pair.place.kind, pair.place.number) == ("line", 3)
