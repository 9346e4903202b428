"""Why something in a file became no draft: stable codes, with words in Chinese and English."""

from __future__ import annotations

from collections.abc import Mapping

__all__ = ["REASONS"]

REASONS: Mapping[str, tuple[str, str]] = {
    "no_question": ("没有问题：这段文字前没有标题或问句", "No question: no heading or question stands before this text"),
    "no_answer": ("没有答案：问题后没有文字", "No answer: no text follows the question"),
    "table": ("表格没有“问题”和“答案”列", "The table has no columns for question and answer"),
    "contents": ("目录", "A table of contents"),
    "page_furniture": ("页眉、页脚或页码", "A running header, footer or page number"),
    "picture": ("图片", "A picture"),
    "footnote": ("脚注", "A footnote"),
    "text_box": ("文本框", "A text box"),
    "markup": ("HTML 标记", "HTML within Markdown"),
    "hidden_sheet": ("隐藏的工作表", "A hidden sheet"),
    "not_markdown": ("压缩包内不是 Markdown 的文件", "A file in the archive that is not Markdown"),
    "removed": ("该条目在差异中已删除", "The difference says that this article was removed"),
    "article_invalid": ("条目的字段有误", "Fields of the article are wrong"),
    "duplicate": ("文件中已有相同的问题", "The same question stands earlier in the file"),
    "same_id": ("文件中已有相同编号的条目", "An article with the same id stands earlier in the file"),
    "unchanged": ("与现有条目相同", "An article says the same already"),
}
