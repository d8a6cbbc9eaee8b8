"""Documentation is tested: settings and commands have their place in the guides."""

from __future__ import annotations

from dataclasses import fields
from pathlib import Path

import pytest

from courseware.core.settings import Settings

ROOT = Path(__file__).resolve().parents[1]
ENV = [f.metadata["env"] for f in fields(Settings) if f.metadata["env"]]


@pytest.mark.parametrize("name", ENV)
def test_every_setting_stands_in_the_operator_guide(name: str) -> None:
    assert f"`{name}`" in (ROOT / "docs" / "operator.md").read_text(encoding="utf-8")


def test_links_of_the_readmes_lead_somewhere() -> None:
    for readme in ("README.md", "README.zh.md"):
        text = (ROOT / readme).read_text(encoding="utf-8")
        targets = [part.split(")")[0] for part in text.split("](")[1:]]
        missing = [t for t in targets if not t.startswith("http") and not (ROOT / t).exists()]
        assert not missing, f"{readme} links to {missing}"
