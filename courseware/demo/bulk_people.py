"""Made-up units and people."""

from __future__ import annotations

from courseware.accounts.models import RoleGrant, Unit, User
from courseware.demo import bulk_words as words
from courseware.demo.bulk_rows import Row
from courseware.demo.bulk_world import BEGAN, World


def add_people(world: World, units: int, people: int) -> list[int]:
    """Units and accounts; four in a hundred teach, one in two hundred reviews. Returns the ids of the units."""
    ids = [world.rows.next_id(Unit) for _ in range(units)]
    world.rows.put(Unit, (_unit(world, number, unit_id) for number, unit_id in enumerate(ids)))
    made = [(world.rows.next_id(User), number, ids[number % units]) for number in range(people)]
    world.rows.put(User, (_user(world, *one) for one in made))
    world.rows.put(RoleGrant, (_grant(world, *one) for one in made))
    return ids


def _unit(world: World, number: int, unit_id: int) -> Row:
    kind = "school" if number % 3 != 2 else "enterprise"
    return {
        "id": unit_id, "uuid": world.rows.uuid(), "created_at": BEGAN, "key": f"bulk-u{number}",
        "name": f"示例{'职业学校' if kind == 'school' else '企业'}{number:02d}号", "name_en": f"Example {kind} no. {number:02d}",
        "kind": kind, "school_level": "", "province": f"示例省{number % 8 + 1}", "parent_id": None,
    }  # fmt: skip


def _user(world: World, user_id: int, number: int, unit_id: int) -> Row:
    return {
        "id": user_id, "uuid": world.rows.uuid(), "created_at": BEGAN, "key": f"bulk-{number}",
        "email": f"bulk-{number}@demo.invalid", "name": words.person(number), "title": "", "unit_id": unit_id,
        "password_hash": "", "locale": "", "is_test": False, "is_demo": True, "verified_at": BEGAN, "closed_at": None,
        "session_epoch": 0,
    }  # fmt: skip


def _grant(world: World, user_id: int, number: int, unit_id: int) -> Row:
    if number % 200 == 7:
        role = "reviewer"
        world.reviewers.append(user_id)
    elif number % 25 == 3:
        role = "teacher"
        world.teachers.append((user_id, unit_id))
    else:
        role = "student"
        world.learners.append(user_id)
    return {"created_at": BEGAN, "user_id": user_id, "role": role}
