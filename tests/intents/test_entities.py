"""Entities by rules: what is read, what is not, and where it stands in the client's own text."""

import pytest

from intents.entities import EntityReader


@pytest.fixture(scope="module")
def reader():
    return EntityReader()


@pytest.mark.parametrize(("text", "expected"), [
    ("贵州茅台跌了5%", [("security", "贵州茅台", "600519.SH"), ("percent", "5%", "5%")]),
    ("600519能买吗", [("security", "600519", "600519.SH")]),
    ("sz000001怎么样", [("security", "sz000001", "000001.SZ")]),
    ("宁王还能拿吗", [("security", "宁王", "300750.SZ")]),
    ("我買了100股茅台", [("shares", "100股", "100股"), ("security", "茅台", "600519.SH")]),
    ("１０万块能开创业板不", [("money", "１０万块", "10万块"), ("board", "创业板", "chinext")]),
    ("下周一50万转出", [("date", "下周一", "下周一"), ("money", "50万", "50万")]),
    ("00700港股通能买吗", [("security", "00700", "00700.HK"), ("board", "港股通", "hk_connect")]),
    ("国债逆回购9:30能做吗", [("product", "国债逆回购", "repo"), ("time", "9:30", "9:30")]),
    ("920001是北交所的吗", [("security", "920001", "920001.BJ"), ("board", "北交所", "bse")]),
    ("佣金万1.5行吗", [("percent", "万1.5", "万1.5")]),
    ("大盘今天怎么了", [("index", "大盘", "000001.SH"), ("date", "今天", "今天")]),
    ("2026年7月6日之后", [("date", "2026年7月6日", "2026年7月6日")]),
    ("交易满24个月", [("duration", "24个月", "24个月")]),
    ("  茅台  能买吗  ", [("security", "茅台", "600519.SH")]),
    ("买  港股通", [("board", "港股通", "hk_connect")]),
])
def test_entities(reader, text, expected):
    found = reader.read(text)
    assert [(entity.type, entity.text, entity.value) for entity in found] == expected
    assert all(text[entity.start:entity.end] == entity.text for entity in found)


@pytest.mark.parametrize("text", ["机器人是你吗", "怎么开户", "股票怎么买", "你好", "😀😀", "", "一股独大", "电话13800138000"])
def test_everyday_words_are_no_securities(reader, text):
    assert not [entity for entity in reader.read(text) if entity.type == "security"]


def test_an_everyday_word_is_a_security_where_shares_are_talked_of(reader):
    assert reader.read("机器人这只股票跌了")[0].value == "300024.SZ"
