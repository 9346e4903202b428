"""The only normaliser: one form of a text for indexing, training and serving."""

from __future__ import annotations

import re
import unicodedata
from functools import cache, lru_cache

__all__ = ["content", "normalize"]

_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u200b-\u200f\u2028-\u202e\u2060-\u2064\ufeff]")
_SPACE = re.compile(r"\s+")
_RUN = re.compile(r"(.)\1{2,}")
_HAN = r"\u3400-\u9fff"
_SPACE_IN_HAN = re.compile(rf"(?<=[{_HAN}])\s+(?=[{_HAN}])|(?<=[{_HAN}])\s+(?=[a-z0-9])|(?<=[a-z0-9])\s+(?=[{_HAN}])")
_PUNCTUATION = re.compile(r"[\s,.!?;:，。！？；：、~…—\-_\"'“”‘’()（）\[\]【】<>《》「」/\\|^`·*#@&=]+")
_KEEP_IN_NUMBER = re.compile(r"(?<=\d)[.:%](?=\d)")

# Words that carry courtesy or hesitation and no meaning for finding an answer, longest first.
_FILLERS = sorted((
    "请问一下", "请问", "问一下", "我想问一下", "我想问下", "我想问", "想问一下", "想问下", "想问问", "问下", "想请教一下", "请教一下",
    "请教", "咨询一下", "咨询下", "我想咨询", "想咨询", "我想了解一下", "我想了解", "想了解一下", "想了解", "了解一下",
    "麻烦问一下", "麻烦问下", "麻烦您", "麻烦你", "麻烦", "帮我看看", "帮我看下", "帮我查下", "帮忙看看", "告诉我", "你好", "您好", "哈喽", "hello",
    "hi", "在吗", "亲", "小姐姐", "小哥哥", "谢谢", "谢谢您", "谢谢你", "多谢", "唔该", "求解答", "求助", "急急急", "那个", "就是说",
    "就是", "的话", "呀", "啊", "呢", "嘛", "哈", "哦", "噢", "呃", "嗯", "额", "哎", "唉", "诶", "喂", "吧", "啦", "咯", "喽", "哟",
), key=len, reverse=True)
# 客服 is an address at the start of a sentence, and a word of its own in 客服电话.
_FILLER = re.compile("|".join(re.escape(word) for word in _FILLERS) + "|^客服(?= |你|您|我|请|在吗|麻烦)")


@cache
def _simplifier():
    import opencc

    return opencc.OpenCC("t2s")


@lru_cache(maxsize=20_000)
def normalize(text: str) -> str:
    """One form for one meaning: NFKC, simplified characters, lower case, no control characters, no runs.

    Runs of three or more of one character other than a digit become two; spaces inside Chinese go.
    """
    text = unicodedata.normalize("NFKC", text)
    text = _CONTROL.sub(" ", text)
    text = _simplifier().convert(text).lower()
    text = _RUN.sub(lambda run: run.group() if run[1].isdigit() else run[1] * 2, text)
    return _SPACE_IN_HAN.sub("", _SPACE.sub(" ", text)).strip()


@lru_cache(maxsize=20_000)
def content(text: str) -> str:
    """What is left of a normalised text when courtesy, fillers and punctuation are gone.

    Falls back to the text without punctuation, then to the text itself, when nothing would be left.
    """
    spaced = _KEEP_IN_NUMBER.sub(lambda mark: {".": "点", ":": "时", "%": "%"}[mark.group()], text)
    bare = _PUNCTUATION.sub(" ", spaced)
    stripped = _SPACE_IN_HAN.sub("", _SPACE.sub(" ", _FILLER.sub(" ", bare))).strip()
    return stripped or _SPACE.sub(" ", bare).strip() or text
