"""What sheets are written with: headings and values in Chinese, and the sentences about what is wrong with a row."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l

COLUMNS = {
    "编号": "external_id", "资源编号": "external_id", "id": "external_id", "标题": "title", "名称": "title", "资源名称": "title",
    "title_zh": "title", "英文标题": "title_en", "描述": "description", "简介": "description", "说明": "description",
    "description_zh": "description", "正文": "body", "内容": "body", "body_zh": "body", "类型": "type", "资源类型": "type",
    "专业": "major", "课程": "course", "知识点": "points", "技能点": "skill_points", "单位": "unit", "作者单位": "unit",
    "作者": "author", "author_name": "author", "原创性": "originality", "许可": "licence", "授权": "licence", "license": "licence", "语言": "language",
    "难度": "difficulty", "关键词": "keywords", "发布时间": "published_at", "发布日期": "published_at", "文件": "file",
    "适用对象": "audience", "audience_zh": "audience", "来源": "source", "source_zh": "source",
}  # fmt: skip
TYPES = {
    "文本": "text", "文档": "text", "演示文稿": "presentation", "课件": "presentation", "幻灯片": "presentation", "图片": "image",
    "图像": "image", "图形图像": "image", "图形（图像）": "image", "音频": "audio", "视频": "video", "微课": "video", "动画": "animation",
    "仿真": "simulation", "虚拟仿真": "simulation", "其他": "other", "其它": "other",
}  # fmt: skip
ORIGINS = {
    "原创": "original", "改编": "adapted", "转载": "third_party", "第三方": "third_party", "引用": "third_party",
    "开放许可": "open", "开放": "open", "公有领域": "open", "人工智能": "ai", "人工智能生成": "ai", "ai生成": "ai", "未知": "unknown", "不详": "unknown",
}  # fmt: skip
LANGUAGES = {
    "zh": "zh-CN",
    "cn": "zh-CN",
    "中文": "zh-CN",
    "汉语": "zh-CN",
    "zh_cn": "zh-CN",
    "zh_hans": "zh-CN",
    "英文": "en",
    "英语": "en",
    "en_us": "en",
}
WORDS = {
    "missing_title": _l("The title is missing."),
    "too_long": _l("The title is longer than %(limit)s characters."),
    "unknown_type": _l("“%(value)s” is no type of resource."),
    "missing_type": _l("The type is missing."),
    "unknown_originality": _l("“%(value)s” is no kind of origin."),
    "originality_unknown": _l("What is of unknown origin cannot be published."),
    "unknown_major": _l("“%(value)s” is no major of this library."),
    "unknown_course": _l("There is no course “%(value)s” in this library."),
    "unknown_point": _l("There is no point “%(value)s” in this library."),
    "bad_difficulty": _l("Difficulty is a number from 1 to 5, not “%(value)s”."),
    "bad_date": _l("“%(value)s” is no date. Write 2026-03-01 or 2026-03-01T09:00."),
    "future_date": _l("%(value)s lies in the future."),
    "no_file": _l("There is no file “%(value)s” beside the sheet."),
    "file_refused": _l("%(value)s: %(reason)s"),
    "missing_content": _l("There is neither a text nor a file."),
    "repeated": _l("“%(value)s” stands in line %(line)s already."),
    "duplicate": _l("The same content is in the library already: “%(value)s”."),
    "content_differs": _l("The content differs from what is here. Revise the resource instead."),
    "bad_line": _l("This line cannot be read."),
    "nothing_said": _l("Not stated; the resource will be listed as incomplete."),
    "taken_third_party": _l("Not stated; taken as third-party material, which helps no figure."),
    "unknown_unit": _l("No unit “%(value)s” is known; the resource stays without a unit."),
    "provisional_author": _l("No account of “%(value)s” is known; an account without sign-in is made."),
}
