"""The code by which anybody can check a certificate: long enough that nobody guesses one, easy to read aloud and type.

Sixteen of 32 letters are 80 bits: whoever tries a million codes a second for a century finds one of a million
certificates with a chance of less than one in three hundred; the page answers a few a minute.
"""

from __future__ import annotations

import secrets

ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"  # no I, L, O, U: nothing looks like something else
LENGTH = 16
GROUP = 4
_LOOKS_LIKE = str.maketrans({"O": "0", "I": "1", "L": "1"})
_WIDE = {ord("０") + n: ord("0") + n for n in range(10)} | {ord("Ａ") + n: ord("A") + n for n in range(26)}


def new_code() -> str:
    """A code that nobody can foretell."""
    return "".join(secrets.choice(ALPHABET) for _ in range(LENGTH))


def grouped(code: str) -> str:
    """As it is printed: 7Q2M-0X4K-9TBD-H3ZR."""
    return "-".join(code[at : at + GROUP] for at in range(0, len(code), GROUP))


def normalised(typed: str) -> str | None:
    """The code that somebody meant; None for what can be no code.

    Small letters, full-width letters, any blanks and dashes, and O, I, L for 0 and 1 are taken as meant.
    """
    letters = "".join(letter for letter in typed[:200].upper().translate(_WIDE) if letter.isalnum())
    code = letters.translate(_LOOKS_LIKE)
    return code if len(code) == LENGTH and set(code) <= set(ALPHABET) else None


def masked(name: str) -> str:
    """What strangers see of a name: the first letter of each word. 苏听澜 → 苏**, Anna Smith → A** S**."""
    return " ".join(f"{word[0]}**" for word in name.split())
