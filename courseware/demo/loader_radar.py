"""What the staleness radar finds in the demonstration: one believable case of each reason, all of it made up.

Everything goes through the services that real cases take, dated in the days before now. The standard and the address do
not exist, and say so.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import replace

from sqlalchemy import select

from courseware.accounts.models import User
from courseware.core import clock
from courseware.core.database import session
from courseware.demo.loader_learning import name_of
from courseware.demo.loader_words import CODE, users
from courseware.feedback import policy as feedback_rights
from courseware.feedback import services as feedback
from courseware.libraries.models import Library
from courseware.monitoring.planning.standards import Standard
from courseware.monitoring.radar import asking, links, register, rewinds
from courseware.monitoring.radar.asking import Answer
from courseware.progress import services as progress
from courseware.progress.services import EventIn
from courseware.resources import services as resources
from courseware.resources.models import Resource

OLD_STANDARD, NEW_STANDARD = Standard("GB/T 99901", 2015), Standard("GB/T 99901", 2024)
STANDARD_TITLE = "工业机器人工作站点检要求（示例，并非真实标准）"
NAMES_STANDARD, STANDARD_WORDS = "r021", "点检项目参照 GB/T 99901-2015 编制（示例标准号，并非真实标准）。"
NAMES_ADDRESS, ADDRESS = "r010", "https://manuals.example/robot/maintenance-2021"
ADDRESS_WORDS = f"保养周期取自设备手册 {ADDRESS} （示例网址）。"
LOOKS = (dt.timedelta(days=5), dt.timedelta(days=3), dt.timedelta(days=1))

REPORTED, REPORTER, KIND = "r182", "s09", "outdated"
REPORT = "寄存器地址表还是旧固件的编号，照着调试连不上，请老师核对现行设备手册。（示例）"

LOW, STARS = "r020", (2, 3, 2, 1, 3, 2)
LOW_WORDS = "步骤挤在一张图里，实训时来不及看清先后。（示例）"

REWOUND, STUCK_FROM, STUCK_TO, TIMES = "r166", 41.0, 59.0, 2
STUCK = ("s02", "s20", "s19", "s32", "s17", "s04", "s36", "s24")


def play_radar(now: dt.datetime) -> None:
    """Puts the cases into the days before `now`, and looks as the worker does."""
    library = session().scalars(select(Library).where(Library.code == CODE)).one()
    _name_a_superseded_standard(now)
    _name_a_dead_address(library, now)
    _report(now)
    _rate_low(now)
    _go_back_again_and_again(library, now)


def _named(key: str) -> Resource:
    return session().scalars(select(Resource).where(Resource.external_id == key)).one()


def _say_in_description(key: str, words: str, at: dt.datetime) -> None:
    """Its author adds a sentence to what describes the resource."""
    resource = _named(key)
    with clock.frozen(at):
        resources.edit_metadata(resource.author, resource, {"description": f"{resource.description}\n{words}".strip()})


def _name_a_superseded_standard(now: dt.datetime) -> None:
    _say_in_description(NAMES_STANDARD, STANDARD_WORDS, now - dt.timedelta(hours=7))
    old = register.Entry(OLD_STANDARD, NEW_STANDARD, STANDARD_TITLE)
    new = replace(old, standard=NEW_STANDARD, superseded_by=None)
    with clock.frozen(now - dt.timedelta(hours=6)):
        register.import_list(users()["lib1"], register.Read({one.standard: one for one in (old, new)}))


def _name_a_dead_address(library: Library, now: dt.datetime) -> None:
    """As three looks would have left it: the demonstration itself asks nobody outside."""
    _say_in_description(NAMES_ADDRESS, ADDRESS_WORDS, now - dt.timedelta(hours=7))
    with clock.frozen(now - LOOKS[0]):
        links.collect(library)
    for before in LOOKS:
        with clock.frozen(now - before):
            for link in links.links_of(library):
                if link.address == ADDRESS:
                    links.note(link.id, Answer(asking.FAILED, "404"))


def _report(now: dt.datetime) -> None:
    with clock.frozen(now - dt.timedelta(hours=30)):
        feedback.report(users()[REPORTER], _named(REPORTED), KIND, REPORT)


def _rate_low(now: dt.datetime) -> None:
    """By learners who used it, hours apart: nothing that looks like a crowd."""
    resource = _named(LOW)
    for number, (person, stars) in enumerate(zip(_users_of(resource), STARS, strict=False)):
        with clock.frozen(now - dt.timedelta(hours=60 - 9 * number)):
            feedback.rate(person, resource, stars, LOW_WORDS if number == 0 else "")


def _users_of(resource: Resource) -> list[User]:
    learners = (person for key, person in sorted(users().items()) if key.startswith("s"))
    return [person for person in learners if feedback_rights.has_used(person, resource.id)]


def _go_back_again_and_again(library: Library, now: dt.datetime) -> None:
    """Learners who watched a recording before go back twice to the same twenty seconds."""
    resource = _named(REWOUND)
    for number, key in enumerate(STUCK):
        for turn in range(TIMES):
            begun = now - dt.timedelta(hours=50 - 3 * number, seconds=-40 * turn)
            event = EventIn(
                name_of(key, "radar", turn), "watched", begun, resource=resource.uuid, device="demo",
                from_s=STUCK_FROM, to_s=STUCK_TO,
            )  # fmt: skip
            with clock.frozen(begun + dt.timedelta(seconds=STUCK_TO - STUCK_FROM)):
                progress.record_events(users()[key], [event])
    rewinds.count_again(library)
