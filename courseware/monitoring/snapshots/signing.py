"""Ed25519 signatures: one key an installation, kept in its data folder; its fingerprint is what readers compare."""

from __future__ import annotations

import base64
import hashlib
import os
from pathlib import Path
from typing import Any

from Crypto.PublicKey import ECC
from Crypto.Signature import eddsa

KEY_FILE = "snapshot_key.pem"


def signing_key(folder: Path) -> ECC.EccKey:
    """The private key of this data folder, made (mode 600) at the first use."""
    path = folder / KEY_FILE
    if not path.exists():
        _write_once(path, ECC.generate(curve="Ed25519").export_key(format="PEM"))
    return ECC.import_key(path.read_text(encoding="ascii"))


def own_fingerprint(folder: Path) -> str:
    """The fingerprint of this data folder's key; empty where nothing was signed yet. Makes no key."""
    return fingerprint(public_key(signing_key(folder))) if (folder / KEY_FILE).exists() else ""


def sign(key: ECC.EccKey, message: bytes) -> str:
    """The signature of `message`, in base64."""
    return base64.b64encode(eddsa.new(key, "rfc8032").sign(message)).decode()


def is_signed_by(public: str, signature: str, message: bytes) -> bool:
    """Whether the key in `public` (base64 of its 32 bytes) signed `message`."""
    try:
        key = eddsa.import_public_key(base64.b64decode(public, validate=True))
        eddsa.new(key, "rfc8032").verify(message, base64.b64decode(signature, validate=True))
    except ValueError:
        return False
    return True


def public_key(key: Any) -> str:
    """The public half, in base64."""
    return base64.b64encode(key.public_key().export_key(format="raw")).decode()


def fingerprint(public: str) -> str:
    """What people compare: the first 16 bytes of the key's SHA-256, in groups of four."""
    digest = hashlib.sha256(public.encode()).hexdigest()[:32]
    return " ".join(digest[at : at + 4] for at in range(0, 32, 4))


def _write_once(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    try:
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        return  # another process was faster
    with os.fdopen(handle, "w", encoding="ascii") as file:
        file.write(text)
