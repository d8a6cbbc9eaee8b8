"""Real files for the demonstration library: videos, drawings, slides, simulations, sounds, documents.

Everything is drawn and told from the text in `../data`; nothing is fetched and nothing is copied from elsewhere. The
same text, faces and tools give the same bytes. This package imports nothing else of the product.
"""

from .build import (
    Material,
    fetch_or_make,
    make_all,
    make_material,
    parse_content,
    wanted,
)
from .corpus import changes_until
from .pictures import make_cover

__all__ = [
    "Material",
    "changes_until",
    "fetch_or_make",
    "make_all",
    "make_cover",
    "make_material",
    "parse_content",
    "wanted",
]
