"""Codes that people type: of a class, and of a sign-in on the screen. Pure functions of plain values."""

from __future__ import annotations

import base64
import hashlib
import hmac
import secrets
import unicodedata

ALPHABET = "ABCDEFGHJKLMNPQRSTUVWXYZ23456789"  # without I, O, 0 and 1, which look alike
LENGTH = 6
DIGITS = 4


def new_join_code() -> str:
    """A code nobody guesses: one of about a thousand million."""
    return "".join(secrets.choice(ALPHABET) for _letter in range(LENGTH))


def typed(text: str) -> str:
    """What somebody typed as it is kept: without blanks and hyphens, wide letters narrow, small ones large."""
    plain = unicodedata.normalize("NFKC", text).upper()
    return "".join(letter for letter in plain if letter.isalnum())


def shown(code: str) -> str:
    """A code in two halves, so that it can be read aloud: ABC DEF."""
    return f"{code[:3]} {code[3:]}" if code else ""


def screen_code(secret: str, period_s: int, at: float) -> str:
    """The four digits that stand on the screen at `at` (seconds since 1970)."""
    turn = int(at // period_s)
    digest = hmac.new(secret.encode(), str(turn).encode(), hashlib.sha256).digest()
    return f"{int.from_bytes(digest[:8], 'big') % 10**DIGITS:0{DIGITS}}"


def is_on_screen(code: str, secret: str, period_s: int, at: float) -> bool:
    """Whether it is the code of now or of the period before: typing takes time."""
    return any(hmac.compare_digest(code, screen_code(secret, period_s, at - back)) for back in (0, period_s))


def screen_pass(secret: str, period_s: int, at: float) -> str:
    """What the picture on the screen holds at `at`: too long to be guessed, and as short-lived as the digits."""
    digest = hmac.new(secret.encode(), f"pass:{int(at // period_s)}".encode(), hashlib.sha256).digest()
    return base64.b32encode(digest[:10]).decode().lower()


def is_pass_on_screen(given: str, secret: str, period_s: int, at: float) -> bool:
    """Whether it is that of now or of the period before: opening a page takes time."""
    wanted = given.strip().lower().encode()
    return any(hmac.compare_digest(wanted, screen_pass(secret, period_s, at - back).encode()) for back in (0, period_s))


def seconds_left(period_s: int, at: float) -> int:
    """Until the code on the screen changes."""
    return int(period_s - at % period_s) or period_s
