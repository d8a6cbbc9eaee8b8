"""Two pictures: what was done to the whole, and how much shows other matter (M4)."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image, ImageOps

from media.comparing.aligning import Array, Overlay, lay_over
from media.comparing.findings import MINOR, OTHER_SHARE, RE_ENCODED, SUBSTANTIVE, Finding, percent
from media.errors import UnsafeFile
from media.pictures import flattened, open_image

SIDE = 512
NOTHING = 0.004  # coding leaves single blocks behind; a drawn mark of a pencil's size is more
TOUCHED = 0.012
RECOGNISED = 0.6


def load_picture(path: Path, side: int = SIDE) -> Array:
    """The picture upright on white, RGB, its long side at most `side`. Raises UnsafeFile."""
    with open_image(path) as image:
        return picture_array(image, side)


def picture_array(image: Image.Image, side: int = SIDE) -> Array:
    """An opened picture as numbers. Raises UnsafeFile("damaged_image")."""
    try:
        image.draft("RGB", (side, side))
        small = ImageOps.exif_transpose(image)
        small.thumbnail((side, side), Image.Resampling.LANCZOS)
        return np.asarray(flattened(small).convert("RGB"), dtype=np.float32)
    except (OSError, ValueError, SyntaxError, EOFError):
        raise UnsafeFile("damaged_image") from None


def compare_pictures(old: Array, new: Array) -> Finding:
    """Substantive from a tenth of the area on; crop, mirror and marks are minor, tone, turn and size re-encoded."""
    found = lay_over(old, new)
    share = found.other if found.other > NOTHING else 0.0
    evidence = tuple(_evidence(found, share))
    if share >= OTHER_SHARE:
        return Finding(SUBSTANTIVE, share, evidence=evidence)
    placement = found.placement
    is_marked = share > 0 or found.touched > TOUCHED
    if is_marked or placement.is_cropped or placement.is_mirrored:
        return Finding(MINOR, max(share, found.touched) if is_marked else 0.0, evidence=evidence)
    return Finding(RE_ENCODED, 0.0, evidence=evidence)


def _evidence(found: Overlay, share: float) -> list[dict[str, Any]]:
    placement = found.placement
    done = [
        ("picture_turned", placement.turns > 0),
        ("picture_mirrored", placement.is_mirrored),
        ("picture_cropped", placement.is_cropped),
        ("picture_framed", placement.is_framed),
    ]
    lines: list[dict[str, Any]] = [{"code": code} for code, holds in done if holds]
    if share >= OTHER_SHARE:
        lines = lines if placement.score >= RECOGNISED else []  # of another picture nobody says that it was turned
        return [*lines, {"code": "picture_area", "percent": percent(share)}, {"code": "picture_floor"}]
    if share > 0 or found.touched > TOUCHED:
        return [*lines, {"code": "picture_marked", "percent": percent(max(share, found.touched))}]
    return [*lines, {"code": "picture_same"}]
