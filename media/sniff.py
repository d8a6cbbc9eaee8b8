"""What a file really is, by its bytes; its name only breaks ties and is checked against them."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Literal

ResourceType = Literal["text", "presentation", "image", "audio", "video", "animation", "simulation", "other"]
Kind = Literal[
    "video", "audio", "image", "pdf", "presentation", "document", "sheet", "archive", "text", "captions"
]


@dataclass(frozen=True, slots=True)
class FileKind:
    """`extension` has no dot; `encoding` is set for text only; `resource_type` is a proposal."""

    kind: Kind
    mime: str
    extension: str
    resource_type: ResourceType
    encoding: str = ""


def sniff(path: Path, name: str) -> FileKind:
    """The kind of the file at `path`, uploaded as `name`. Raises UnsafeFile."""
    raise NotImplementedError
