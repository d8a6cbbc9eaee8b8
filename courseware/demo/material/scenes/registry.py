"""Which drawing shows a topic: drawings sign up under the words they illustrate."""

from collections.abc import Callable, Iterable

from ..canvas import Canvas

Scene = Callable[[Canvas, float, int], None]
"""Draws one moment: the canvas (320 by 180 units), the phase of the loop from 0 to 1, a variation number."""

COMMON = {
    "机器人",
    "工作站",
    "信号",
    "程序",
    "速度",
    "检查",
    "流程",
    "参数",
    "循环",
    "测量",
    "计划",
    "布局",
    "伺服",
    "模型",
}
"""Words so frequent that any other word in the same text says more."""

SCENES: dict[str, Scene] = {}
_WORDS: list[tuple[str, str]] = []


def scene(name: str, *words: str) -> Callable[[Scene], Scene]:
    """Sign a drawing up under its name and the words that call for it."""

    def keep(draw: Scene) -> Scene:
        SCENES[name] = draw
        _WORDS.extend((word, name) for word in words)
        return draw

    return keep


def choose(texts: Iterable[str], default: str = "pick") -> str:
    """The drawing for the first text that holds a known word; in one text the longest word wins."""
    for text in texts:
        found = [(word not in COMMON, len(word), -text.find(word), name) for word, name in _WORDS if word in text]
        if found:
            return max(found)[3]
    return default
