"""What is masked, beside what looks like it and stays."""

from __future__ import annotations

import pytest

from assistant.privacy import find, mask, mask_all

MASKED = [
    ("身份证 11010519491231002X 过期了", "身份证 〈身份证号〉 过期了"),
    ("11010519491231002x", "〈身份证号〉"),
    ("证号110105 19491231 002X", "证号〈身份证号〉"),
    ("身份证号是110105194912310021", "身份证号是〈证件号〉"),
    ("１１０１０５１９４９１２３１００２Ｘ", "〈身份证号〉"),
    ("卡号6222 0212 3456 7890 128转不出", "卡号〈银行卡号〉转不出"),
    ("4111111111111111", "〈银行卡号〉"),
    ("4111-1111-1111-1111", "〈银行卡号〉"),
    ("6222021234567890123 输错一位", "〈号码〉 输错一位"),
    ("打我13800138000", "打我〈手机号〉"),
    ("+86 138-0013-8000", "+86 〈手机号〉"),
    ("１３８００１３８０００", "〈手机号〉"),
    ("电话010-88886666", "电话〈电话〉"),
    ("(0755)2345678", "〈电话〉"),
    ("邮箱 zhang.san+a@mail.example.com 收不到", "邮箱 〈邮箱〉 收不到"),
    ("我的资金账号12345678登不上", "我的资金账号〈账号〉登不上"),
    ("资金账号：6001234567", "资金账号：〈账号〉"),
    ("股东账号A123456789查询", "股东账号〈账号〉查询"),
    ("卡尾号1234的", "卡尾号〈账号〉的"),
    ("护照E12345678能开户吗", "护照〈证件号〉能开户吗"),
    ("我叫王小明，要销户", "我叫〈姓名〉，要销户"),
    ("本人张伟要销户", "本人〈姓名〉要销户"),
    ("姓名：欧阳修", "姓名：〈姓名〉"),
    ("户名是李娜", "户名是〈姓名〉"),
    ("我叫王小明，手机13800138000", "我叫〈姓名〉，手机〈手机号〉"),
]
KEPT = [
    "600519涨停了吗", "920001 是北交所吗", "204001怎么买", "账户 600519 停牌", "证券账户600519被冻结",
    "688981和300750",
    "sh600519", "000001.SZ", "500000元", "转入账户50000元", "账户20000股", "1234567.89",
    "金额 12345678.90 元", "2026-11-24",
    "20261124", "2026年7月6日起", "9:15–9:25", "12386", "打95588",
    "400-000-0000", "95548转人工", "T+1", "150%",
    "本人可以代办吗", "本人不在国内", "我是本人办理", "本人身份证过期", "本人和妻子",
    "要股东本人来吗", "奶奶本人来不了", "骗子知道我的姓名和持仓", "户名和卡号对不上", "本人明天来",
    "姓名不对怎么改", "姓名变更", "我叫什么无所谓",
    "身份证到期", "银行卡限额", "手机号换了", "13800元", "1380013800",
    "138001380001", "0.05%", "尾号", "卡号在哪看", "a@b",
]


@pytest.mark.parametrize(("text", "masked"), MASKED)
def test_personal_data_is_masked(text: str, masked: str) -> None:
    assert mask(text) == masked


@pytest.mark.parametrize("text", KEPT)
def test_numbers_and_words_of_the_trade_stay(text: str) -> None:
    assert mask(text) == text


@pytest.mark.parametrize("text", [text for text, _ in MASKED])
def test_masking_twice_changes_nothing(text: str) -> None:
    assert mask(mask(text)) == mask(text)


def test_places_count_characters_of_the_text_itself() -> None:
    text = "你好，打我１３８００１３８０００吧"
    (found,) = find(text)
    assert (found.type, text[found.start:found.end]) == ("mobile", "１３８００１３８０００")


def test_every_string_of_a_json_value_is_masked() -> None:
    value = {"a": ["13800138000", 5, None, {"b": "a@b.com"}], "c": True}
    assert mask_all(value) == {"a": ["〈手机号〉", 5, None, {"b": "〈邮箱〉"}], "c": True}


def test_long_hostile_text_takes_no_time() -> None:
    for piece in ("a", "1", "1-", "我叫", "@", "a@", "身份证", "0-", "账号 1 "):
        mask(piece * (20000 // len(piece)))
