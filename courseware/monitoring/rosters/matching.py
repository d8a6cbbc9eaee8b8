"""Who on a roster is which account: a pure function of the list, the accounts and earlier decisions.

Sure is only what two signs say: the number or the e-mail of an account, and its name. Everything else is proposed to a
person. A name alone is never sure: two people of a school may share it.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from courseware.monitoring.rosters.people import Listed, folded

BY_NUMBER, BY_EMAIL, DECIDED, NOBODY, NONE = "number", "email", "decided", "nobody", "none"
ONLY_NAME, OTHER_NAME, TWO_ACCOUNTS, TAKEN = "doubt_name", "doubt_other_name", "doubt_two", "doubt_taken"
DOUBTS = (ONLY_NAME, OTHER_NAME, TWO_ACCOUNTS, TAKEN)
SURE = (BY_NUMBER, BY_EMAIL, DECIDED)


@dataclass(frozen=True, slots=True)
class Account:
    """What an account says of its person."""

    id: int
    number: str
    email: str
    name: str
    unit_id: int | None


@dataclass(frozen=True, slots=True)
class Match:
    """How a person was found: the account when sure, the accounts that may be meant when in doubt."""

    how: str
    user_id: int | None = None
    candidates: tuple[int, ...] = ()


class Directory:
    """Accounts by what rosters name them by; names count within one unit only."""

    def __init__(self, accounts: Iterable[Account], unit_id: int) -> None:
        self.by_number: dict[str, Account] = {}
        self.by_email: dict[str, Account] = {}
        self.by_name: dict[str, list[Account]] = defaultdict(list)
        for account in sorted(accounts, key=lambda a: a.id):
            if account.number:
                self.by_number.setdefault(account.number.casefold(), account)
            self.by_email.setdefault(account.email.casefold(), account)
            if account.unit_id == unit_id and folded(account.name):
                self.by_name[folded(account.name)].append(account)

    def find(self, person: Listed) -> Match:
        """The account of one person, the accounts that may be theirs, or none."""
        numbered = self.by_number.get(person.number.casefold()) if person.number else None
        mailed = self.by_email.get(person.email.casefold()) if person.email else None
        signs = {account.id: account for account in (numbered, mailed) if account is not None}
        if len(signs) > 1:
            return Match(TWO_ACCOUNTS, candidates=tuple(signs))
        if signs:
            account = next(iter(signs.values()))
            return _by_sign(person, account, BY_NUMBER if numbered else BY_EMAIL)
        namesakes = self.by_name.get(folded(person.name), []) if person.name else []
        return Match(ONLY_NAME, candidates=tuple(a.id for a in namesakes)) if namesakes else Match(NONE)


def match(people: Sequence[Listed], directory: Directory, decisions: Mapping[str, int | None]) -> list[Match]:
    """One match for each person, in their order. Of one group no account is given to two people: the surest has it."""
    found = [_decided(person, decisions) or directory.find(person) for person in people]
    holder: dict[tuple[str, int], int] = {}
    for place in sorted(range(len(people)), key=lambda n: (_rank(found[n]), n)):
        user_id = found[place].user_id
        if user_id is None:
            continue
        if holder.setdefault((people[place].role, user_id), place) != place:
            found[place] = Match(TAKEN, candidates=(user_id,))
    return found


def alone_by_name(people: Sequence[Listed], found: Sequence[Match]) -> list[int]:
    """Places in doubt by name only where one account and one person on the list have that name: for one common yes."""
    shared: dict[tuple[str, str], int] = defaultdict(int)
    for person in people:
        shared[person.role, folded(person.name)] += 1
    taken = {(person.role, m.user_id) for person, m in zip(people, found, strict=True) if m.user_id is not None}
    return [
        place
        for place, (person, m) in enumerate(zip(people, found, strict=True))
        if m.how == ONLY_NAME
        and len(m.candidates) == 1
        and shared[person.role, folded(person.name)] == 1
        and (person.role, m.candidates[0]) not in taken
    ]


def _decided(person: Listed, decisions: Mapping[str, int | None]) -> Match | None:
    """What somebody said of the person before. A number speaks before the e-mail, and that before the name.

    A decision about a bare name holds for lists of bare names only: a number may tell of somebody else.
    """
    keys = person.keys if len(person.keys) == 1 else tuple(key for key in person.keys if not key.startswith("name:"))
    for key in keys:
        if key in decisions:
            user_id = decisions[key]
            return Match(NOBODY) if user_id is None else Match(DECIDED, user_id)
    return None


def _by_sign(person: Listed, account: Account, how: str) -> Match:
    same_name = not person.name or folded(person.name) == folded(account.name)
    same_number = how == BY_NUMBER or not (person.number and account.number)
    if same_name and same_number:
        return Match(how, account.id)
    return Match(OTHER_NAME, candidates=(account.id,))


def _rank(found: Match) -> int:
    return SURE.index(found.how) - 10 * (found.how == DECIDED) if found.how in SURE else len(SURE)
