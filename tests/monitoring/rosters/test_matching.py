"""Who on a list is which account: two signs make it sure, and what was decided holds."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from courseware.monitoring.rosters.matching import Account, Directory, alone_by_name, match
from courseware.monitoring.rosters.people import Listed

ONE = Account(1, "2023001", "w1@example.org", "王一", 7)
TWO = Account(2, "2023002", "w2@example.org", "王二", 7)
NAMESAKE = Account(3, "", "w3@example.org", "王一", 7)
FOREIGN = Account(4, "", "w4@example.org", "赵六", 8)
BOOK = Directory([NAMESAKE, FOREIGN, ONE, TWO], 7)


@pytest.mark.parametrize(
    ("person", "how", "user"),
    [
        (Listed(1, "student", "王一", "2023001"), "number", 1), (Listed(1, "student", "王 一", "2023001"), "number", 1),
        (Listed(1, "student", "", "2023001"), "number", 1), (Listed(1, "student", "王二", "", "W2@example.org"), "email", 2),
        (Listed(1, "student", "李四", "2023001"), "doubt_other_name", None),
        (Listed(1, "student", "王二", "9999", "w2@example.org"), "doubt_other_name", None),
        (Listed(1, "student", "王一", "2023001", "w2@example.org"), "doubt_two", None),
        (Listed(1, "student", "王一"), "doubt_name", None), (Listed(1, "student", "赵六"), "none", None),
        (Listed(1, "student", "赵六", "", "w4@example.org"), "email", 4),
    ],
    ids=["number", "blank in name", "number alone", "e-mail", "other name", "other number", "two accounts", "namesakes",
         "of another unit", "e-mail of another unit"],
)  # fmt: skip
def test_only_two_signs_make_a_match_sure(person: Listed, how: str, user: int | None) -> None:
    (found,) = match([person], BOOK, {})
    assert (found.how, found.user_id) == (how, user)


def test_one_account_is_given_to_one_person_of_a_group_the_surest() -> None:
    people = [Listed(1, "student", "王二", "", "w2@example.org"), Listed(2, "student", "王二", "2023002"), Listed(3, "teacher", "王二", "2023002")]  # fmt: skip
    assert [(m.how, m.user_id) for m in match(people, BOOK, {})] == [
        ("doubt_taken", None),
        ("number", 2),
        ("number", 2),
    ]


def test_what_was_decided_once_holds_for_the_next_list() -> None:
    people = [
        Listed(1, "student", "王一"),
        Listed(2, "student", "王二", "2023002"),
        Listed(3, "student", "王一", "2023077"),
    ]
    found = match(people, BOOK, {"name:王一": 3, "number:2023002": None})
    assert [(m.how, m.user_id) for m in found[:2]] == [("decided", 3), ("nobody", None)]
    assert found[2].how == "doubt_name", "a bare name does not speak for somebody with a number"


def test_a_common_yes_is_only_for_names_that_one_person_and_one_account_have() -> None:
    people = [Listed(1, "student", "王二"), Listed(2, "student", "王一"), Listed(3, "student", "赵六")]
    assert alone_by_name(people, match(people, BOOK, {})) == [0]
    twice = [*people, Listed(4, "student", "王二", "77")]
    assert alone_by_name(twice, match(twice, BOOK, {})) == []


@given(st.lists(st.builds(Listed, st.just(1), st.sampled_from(["student", "teacher"]), st.sampled_from(["王一", "王二", "赵六", ""]), st.sampled_from(["", "2023001", "2023002", "1"]), st.sampled_from(["", "w1@example.org", "w3@example.org"])), max_size=12))  # fmt: skip
def test_no_list_gives_one_account_to_two_people_of_a_group(people: list[Listed]) -> None:
    given = [(p.role, m.user_id) for p, m in zip(people, match(people, BOOK, {}), strict=True) if m.user_id]
    assert len(given) == len(set(given))
