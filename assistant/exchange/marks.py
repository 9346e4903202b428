"""How a line of a text shows that it asks, answers or numbers. Pure."""

from __future__ import annotations

import re

__all__ = ["ANSWER", "CATEGORY", "LABELS", "QUESTION", "SIMILAR", "begins_anew", "is_contents", "is_question", "unnumbered"]

_AFTER = r"\s*[0-9一二三四五六七八九十]{0,3}\s*[:：.．、)）]\s*"
QUESTION = re.compile(rf"(?:[【\[]?(?:问题?|提问|客户问|Q(?:uestion)?)[】\]]?){_AFTER}(.+)", re.I | re.S)
ANSWER = re.compile(rf"(?:[【\[]?(?:答案?|回答|回复|答复|A(?:nswer)?)[】\]]?){_AFTER}(.*)", re.I | re.S)
SIMILAR = re.compile(r"(?:相似问法?|相似问题|同义问法?|其他问法|类似问题|类似问法|similar(?: questions)?)\s*[:：]\s*(.*)", re.I | re.S)
CATEGORY = re.compile(r"(?:分类|类别|所属分类|category)\s*[:：]\s*(.+)", re.I)
# An answer on the line of its question.
INLINE_ANSWER = re.compile(r"[\s。？?！!]\s*(?:答|A(?:nswer)?)\s*[:：]\s*", re.I)
LABELS = {
    "question": re.compile(r"(标准)?(问题?|问句|提问|标准问法?)(内容|名称)?|(standard )?questions?|q|faq", re.I),
    "answer": re.compile(r"(标准)?(答案?|回答|回复|答复|解答)(内容)?|answers?|a|body|reply", re.I),
    "similar": re.compile(r"相似问法?|相似问题|同义问法?|其他问法|类似问[法题]|扩展问法?|similar( questions?)?", re.I),
    "category": re.compile(r"(所属)?(分类|类别|目录|栏目)|category|topic", re.I),
}
_NUMBER = re.compile(r"\s*(?:[(（]\s*(?:\d{1,3}|[一二三四五六七八九十]{1,3})\s*[)）]|\d{1,3}(?:\.\d{1,3}){0,3}\s*[.．、)）](?!\d)"
                     r"|\d{1,2}(?:\.\d{1,2}){1,3}\s+(?![万亿元%个天年月股])|第\s*[0-9一二三四五六七八九十百]{1,4}\s*[条问题章节]|[一二三四五六七八九十]{1,3}\s*[、．.]|[①-⑳])\s*")
_ASKS = re.compile(r"怎么|怎样|如何|怎能|什么|啥|哪|多少|多久|多长|几[个天次点种年月号]"
                   r"|吗|呢$|是否|能否|可否|能不能|可不可以|要不要|是不是|有没有|为何|谁"
                   r"|^(how|what|when|where|which|who|why|can|may|do|does|is|are|should)\b", re.I)
_CONTENTS = re.compile(r".{1,80}?(\.{4,}|…{2,}|·{4,}|_{4,}|\t)\s*\d{1,4}")
_LONGEST_QUESTION = 80


def unnumbered(text: str) -> str:
    """Without the number that it begins with."""
    return _NUMBER.sub("", text, count=1).strip() or text.strip()


def is_question(text: str, *, strict: bool = False) -> bool:
    """Whether a line asks. When `strict`, it must end in a question mark."""
    line = unnumbered(text)
    if not 2 <= len(line) <= _LONGEST_QUESTION or "\n" in line:
        return False
    ends = line.endswith(("?", "？"))
    # With a full stop before it, it is a text that ends in a question.
    if re.search(r"[。！!；;]", line):
        return False
    return ends if strict else ends or (bool(_ASKS.search(line)) and not line.endswith(("。", ".", "，", "：", ":")))


def is_contents(text: str) -> bool:
    """Whether it is a line of a table of contents: dots, and the number of a page."""
    return bool(_CONTENTS.fullmatch(text.strip()))


def begins_anew(text: str) -> bool:
    """Whether a line can't go on with the sentence of the line before."""
    return bool(_NUMBER.match(text) or QUESTION.match(text) or ANSWER.match(text) or SIMILAR.match(text) or CATEGORY.match(text)
                or re.match(r"\s*[-•·●◆■□*–]\s*\S", text))
