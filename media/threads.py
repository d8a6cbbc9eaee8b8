"""How many threads coders of pictures get. Each keeps pictures of its own, so left to themselves they would take memory by
the number of processors: what passes on a small machine would be stopped on a large one."""

from __future__ import annotations

import os
from typing import Any

from media.gate import MediaInfo

MOST = 4  # of one coder; more of them are no quicker at these sizes
LARGE_PIXELS = 1920 * 1088  # from here on a picture of 10 bits has 16 to 38 MB, and a decoder keeps many
LARGE: dict[str, Any] = {"threads": 2, "rc-lookahead": 4}


def is_large(info: MediaInfo) -> bool:
    """Whether pictures are larger than 1080 lines, as phones and cameras record them."""
    return info.width * info.height > LARGE_PIXELS


def decoding(info: MediaInfo) -> int:
    """Threads of the decoder."""
    return 1 if is_large(info) else min(MOST, _processors() + 1)


def encoding(info: MediaInfo) -> dict[str, Any]:
    """Options of each encoder that writes one size of this recording."""
    return LARGE if is_large(info) else {"threads": min(MOST, _processors() * 3 // 2)}


def _processors() -> int:
    return os.cpu_count() or 1
