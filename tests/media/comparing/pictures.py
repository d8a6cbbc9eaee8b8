"""Pictures for the labelled set: photo-like ones, drawings, and what people do to them."""

from __future__ import annotations

import random
from functools import lru_cache

import numpy as np
from PIL import Image, ImageDraw, ImageFilter, ImageFont

from courseware.demo.material import fonts


@lru_cache(maxsize=16)
def face(size: int) -> ImageFont.FreeTypeFont | ImageFont.ImageFont:
    """A face that can draw Chinese where the machine has one."""
    return fonts.font(size)


def photo(seed: int, size: tuple[int, int] = (960, 640)) -> Image.Image:
    """Sixty overlapping shapes, softened, with grain."""
    dice = random.Random(seed)
    picture = Image.new("RGB", size, tuple(dice.randrange(256) for _ in range(3)))
    draw = ImageDraw.Draw(picture)
    for _ in range(60):
        x, y = dice.randrange(size[0]), dice.randrange(size[1])
        box = (x, y, x + dice.randrange(20, 260), y + dice.randrange(20, 200))
        colour = tuple(dice.randrange(256) for _ in range(3))
        (draw.ellipse if dice.random() < 0.5 else draw.rectangle)(box, fill=colour)
    grain = np.random.RandomState(seed).normal(0, 6, (size[1], size[0], 1))
    soft = np.asarray(picture.filter(ImageFilter.GaussianBlur(1)), dtype=np.float32)
    return Image.fromarray((soft + grain).clip(0, 255).astype(np.uint8))


def drawing(seed: int, size: tuple[int, int] = (1200, 800)) -> Image.Image:
    """Boxes with numbers and lines between them on white."""
    dice = random.Random(seed)
    picture = Image.new("RGB", size, "white")
    draw = ImageDraw.Draw(picture)
    for i in range(6):
        x, y = 80 + i * 180, 100 + dice.randrange(500)
        draw.rectangle((x, y, x + 120, y + 90), outline=(30, 60, 120), width=4)
        draw.text((x + 10, y + 30), f"block {dice.randrange(1000)}", fill="black", font_size=22)
        end = (80 + dice.randrange(6) * 180, 100 + dice.randrange(600))
        draw.line((x + 60, y + 90, *end), fill=(200, 40, 40), width=3)
    return picture


def watermarked(picture: Image.Image, alpha: int = 70) -> Image.Image:
    """Pale words all over it."""
    layer = Image.new("RGBA", picture.size, (0, 0, 0, 0))
    draw = ImageDraw.Draw(layer)
    for y in range(0, picture.height, 160):
        for x in range(0, picture.width, 300):
            draw.text((x, y), "KEKU SAMPLE", fill=(255, 255, 255, alpha), font_size=40)
    return Image.alpha_composite(picture.convert("RGBA"), layer).convert("RGB")


def with_region(picture: Image.Image, share: float, seed: int) -> Image.Image:
    """Another picture pasted over `share` of the area."""
    side = share**0.5
    changed = picture.copy()
    part = photo(seed + 99, (round(picture.width * side), round(picture.height * side)))
    changed.paste(part, (picture.width // 4, picture.height // 4))
    return changed


def with_logo(picture: Image.Image) -> Image.Image:
    """A round mark in the corner."""
    marked = picture.copy()
    draw = ImageDraw.Draw(marked)
    draw.ellipse((picture.width - 130, 20, picture.width - 20, 130), fill=(220, 30, 30))
    draw.text((picture.width - 110, 60), "LOGO", fill="white", font_size=28)
    return marked
