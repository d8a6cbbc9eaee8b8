"""What a store needs to know, checked once."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from typing import Literal
from urllib.parse import urlsplit

from media.errors import StoreUnavailable


@dataclass(frozen=True, slots=True)
class StoreSettings:
    """`kind` chooses the store; the other fields are read only where that store needs them.

    Endpoints are `host:port` (then `s3_secure` decides) or a full `http(s)://host:port`.
    `s3_public_endpoint` is the name browsers use for the same store; empty means the same one.
    `s3_virtual_host` puts the bucket into the host name, which Aliyun OSS insists on.
    """

    kind: Literal["memory", "folder", "s3"] = "folder"
    folder: Path | None = None
    s3_endpoint: str = ""
    s3_public_endpoint: str = ""
    s3_region: str = "us-east-1"
    s3_access_key: str = ""
    s3_secret_key: str = ""
    s3_secure: bool = True
    s3_bucket: str = ""
    s3_virtual_host: bool = False

    def address(self, endpoint: str) -> str:
        """The endpoint as a full address: `http(s)://host[:port]`."""
        scheme = "https" if self.s3_secure else "http"
        return (endpoint if "://" in endpoint else f"{scheme}://{endpoint}").rstrip("/")

    def browser_origin(self) -> str:
        """Scheme and host of the addresses that browsers get, for a content policy; empty where there are none."""
        if not (self.s3_endpoint and self.s3_bucket):
            return ""
        parts = urlsplit(self.address(self.s3_public_endpoint or self.s3_endpoint))
        hosts_bucket = self.s3_virtual_host or parts.netloc.endswith(".amazonaws.com")
        host = f"{self.s3_bucket}.{parts.netloc}" if hosts_bucket else parts.netloc
        return f"{parts.scheme}://{host}"

    def check(self) -> None:
        """Raises StoreUnavailable("store_settings") naming the first field that is missing or impossible."""
        for field in _NEEDED[self.kind]:
            if not getattr(self, field):
                raise StoreUnavailable("store_settings", reason=f"{field} is empty")
        if self.kind == "s3" and not _BUCKET.fullmatch(self.s3_bucket):
            raise StoreUnavailable("store_settings", reason="s3_bucket is no bucket name")


_BUCKET = re.compile(r"[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]")
_NEEDED: dict[str, tuple[str, ...]] = {
    "memory": (),
    "folder": ("folder",),
    "s3": ("s3_endpoint", "s3_region", "s3_access_key", "s3_secret_key", "s3_bucket"),
}
