"""Chinese faces for drawing.

Pictures and video frames carry their glyphs as pixels, so the machine that makes them needs a face with Chinese
characters. Order: the KEKU_FONT setting, the `pylopdf-fonts-zh-cn` package (Noto, SIL OFL 1.1), faces of the
system. With none of them the drawing falls back to Pillow's own face and `has_chinese()` says no.
"""

import importlib.util
import os
from functools import lru_cache
from pathlib import Path

from PIL import ImageFont

Font = ImageFont.FreeTypeFont | ImageFont.ImageFont

_PACKAGE = "pylopdf_fonts_zh_cn"
_NAMES = {False: "NotoSansSC-Regular.otf", True: "NotoSerifSC-Regular.otf"}
_SYSTEM = (
    "/usr/share/fonts/opentype/noto/NotoSansCJK-Regular.ttc",
    "/usr/share/fonts/truetype/wqy/wqy-microhei.ttc",
    "/usr/share/fonts/truetype/droid/DroidSansFallbackFull.ttf",
    "/System/Library/Fonts/PingFang.ttc",
    "C:/Windows/Fonts/msyh.ttc",
)


def _packaged(serif: bool) -> list[str]:
    spec = importlib.util.find_spec(_PACKAGE)
    places = list(spec.submodule_search_locations or []) if spec else []
    return [str(Path(place) / _NAMES[serif]) for place in places]


@lru_cache(maxsize=2)
def font_path(serif: bool = False) -> str | None:
    """The file of the face to draw with, or None when the machine has no Chinese face."""
    wanted = [os.environ.get("KEKU_FONT", ""), *_packaged(serif), *_SYSTEM]
    return next((path for path in wanted if path and Path(path).is_file()), None)


def has_chinese() -> bool:
    """Whether Chinese text will be drawn as characters and not as boxes."""
    return font_path() is not None


@lru_cache(maxsize=128)
def font(size: int, serif: bool = False) -> Font:
    """A face of this pixel size; opening one is slow, so they are kept."""
    path = font_path(serif)
    return ImageFont.truetype(path, size) if path else ImageFont.load_default(size)
