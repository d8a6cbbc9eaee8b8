"""Figures counted a second time, slowly, from the lines of a scenario: written from the definitions alone.

It shares no code with the product: naive loops over lists of dicts, datetimes with their offset. One library, one review
level, every line accepted. What it gives for M1-M7, M11, M12, M14 and M18 has to be what the product gives.
"""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from itertools import pairwise
from typing import Any

Line = dict[str, Any]
Pair = tuple[int, int]
SHANGHAI = dt.timezone(dt.timedelta(hours=8))
TIMED = ("video", "audio", "animation")
NEEDED = {"text": 15, "presentation": 15, "other": 15, "image": 5, "simulation": 60}


def when(line: Line, name: str = "at") -> dt.datetime:
    return dt.datetime.fromisoformat(line[name])


class Reference:
    """One story, seen at `now`, in [start, end)."""

    def __init__(
        self,
        lines: list[Line],
        start: dt.datetime,
        end: dt.datetime,
        now: dt.datetime,
        closed: dict[str, dt.datetime] | None = None,
    ) -> None:
        self.closed = closed or {}
        self.lines, self.start, self.end, self.now = lines, start, end, now
        self.moment = min(end, now)
        self.users = {line["key"]: line for line in self.do("user")}
        self.resources = {line["key"]: line for line in self.do("resource.publish")}
        self.lessons = {line["key"]: line for line in self.do("lesson.publish")}
        self.spans = {key: self._spans(key) for key in self.resources}
        self.played = self._judge_players()

    def do(self, *names: str) -> list[Line]:
        return [line for line in self.lines if line["do"] in names]

    def _spans(self, key: str) -> list[list[dt.datetime | None]]:
        spans: list[list[dt.datetime | None]] = [[when(self.resources[key]), None]]
        for line in self.do("resource.withdraw", "resource.restore"):
            if line["key"] == key and line["do"] == "resource.withdraw":
                spans[-1][1] = when(line)
            elif line["key"] == key:
                spans.append([when(line), None])
        return spans

    # --- stock -------------------------------------------------------------------------------------------------------

    def is_live(self, key: str, t: dt.datetime) -> bool:
        """State before any event of that very moment."""
        return any(a < t and (b is None or b >= t) for a, b in self.spans[key] if a is not None)

    def counts_at_end(self, key: str) -> bool:
        if self.is_live(key, self.moment):
            return True
        month = dt.timedelta(days=30)
        gone = any(b and self.moment - month <= b < self.moment for _, b in self.spans[key])
        back = any(a and self.moment <= a <= min(self.moment + month, self.now) for a, _ in self.spans[key])
        return gone and back

    def published(self) -> list[str]:
        return [key for key in self.resources if self.counts_at_end(key)]

    def duration(self, key: str) -> float:
        found = self.resources[key].get("duration_s") or 0
        for line in self.do("resource.revise"):
            if line["key"] == key and when(line) < self.moment and line.get("duration_s"):
                found = line["duration_s"]
        return float(found)

    def m1_a(self) -> int:
        return len(self.published())

    def m2_a(self) -> Pair:
        type_ = {key: self.resources[key]["type"] for key in self.published()}
        whole = [key for key in type_ if not (type_[key] in TIMED and self.duration(key) < 30)]
        return sum(type_[key] in ("text", "presentation", "image") for key in whole), len(whole)

    def m3_a(self) -> Pair:
        live = [self.resources[key] for key in self.published()]
        return sum(r["originality"] == "original" and r["evidence"] for r in live), len(live)

    def m7_a(self) -> int:
        return round(sum(self.duration(key) for key in self.published() if self.resources[key]["type"] == "video"))

    # --- updates -----------------------------------------------------------------------------------------------------

    def m4_a(self) -> Pair:
        quarter, month = dt.timedelta(days=90), dt.timedelta(days=30)
        old, new, revised = set(), set(), set()
        for key, spans in self.spans.items():
            before = any(a and a < self.start and (b is None or b >= self.start - quarter) for a, b in spans)
            again = any(a and self.start <= a < self.moment for a, _ in spans)
            if self.is_live(key, self.start) or (before and again):
                old.add(key)
            first = when(self.resources[key])
            if self.start <= first < self.moment and self.counts_at_end(key):
                check = min(self.end + month, self.now)
                if check <= self.moment or self.is_live(key, check):
                    new.add(key)
        for line in self.do("resource.revise"):
            in_time = line["decided"] == "substantive" and self.start <= when(line) < self.moment
            if in_time and line["key"] in old and self.counts_at_end(line["key"]):
                revised.add(line["key"])
        return len((new - old) | revised), len(old)

    # --- use ---------------------------------------------------------------------------------------------------------

    def occurred(self, line: Line) -> dt.datetime:
        return when(line, "occurred_at") if line.get("occurred_at") else when(line)

    def inside(self, line: Line) -> bool:
        return self.start <= self.occurred(line) < self.moment

    def is_test(self, user: str) -> bool:
        return bool(self.users[user].get("test"))

    def why_not(self, line: Line) -> str:
        """The first reason why a use does not count; a part of a recording is looked at for as long as it is."""
        if line.get("sitting"):
            return self.played[id(line)]
        return self.by_itself(line)

    def by_itself(self, line: Line) -> str:
        """The reason that the line alone gives."""
        what = self.resources[line["key"]]
        if self.is_test(line["user"]):
            return "test_account"
        if line["user"] == what["author"]:
            return "own_use"
        if line.get("context"):
            return str(line["context"])
        if line.get("speed", 1) > 2:
            return "speed"
        if line["kind"] in ("download", "attempt"):
            return ""
        if line["kind"] == "watch":
            length = what.get("duration_s") or 0
            return "" if line["to_s"] - line["from_s"] >= (min(30, length * 0.2) or 30) else "too_short"
        needed = NEEDED.get(what["type"], min(30, (what.get("duration_s") or 0) * 0.2) or 30)
        return "" if line.get("seconds", 0) >= needed else "too_short"

    # --- messages of players -----------------------------------------------------------------------------------------

    def _judge_players(self) -> dict[int, str]:
        """Why each message with a sitting does not count, day by day and person by person."""
        days: dict[tuple[str, dt.date], list[Line]] = defaultdict(list)
        for line in self.do("resource.use"):
            if line.get("sitting"):
                days[line["user"], self.occurred(line).astimezone(SHANGHAI).date()].append(line)
        found: dict[int, str] = {}
        for (who, day), mine in days.items():
            given_back = {
                (one["key"], one["reason"]) for one in self.do("appeal")
                if one["accepted"] and (one["user"], one["day"]) == (who, day.isoformat())
            }  # fmt: skip
            found |= self._judge_day(sorted(mine, key=self.occurred), given_back)
        return found

    def _judge_day(self, mine: list[Line], given_back: set[tuple[str, str]]) -> dict[int, str]:
        why = {id(line): self.by_itself(line) for line in mine}
        why = {id(line): "" if (line["key"], why[id(line)]) in given_back else why[id(line)] for line in mine}
        for rule in (self._by_script, self._clicked_twice, self._beside_another):
            for line, reason in rule([line for line in mine if why[id(line)] in ("", "too_short")]):
                if (line["key"], reason) not in given_back:
                    why[id(line)] = reason
        for line in mine:  # short parts of one sitting count together, from the one with which they are long enough
            if why[id(line)] in ("", "too_short") and line["kind"] != "download":
                so_far = sum(
                    other["to_s"] - other["from_s"] for other in mine
                    if (other["sitting"], other["key"], other["kind"]) == (line["sitting"], line["key"], "watch")
                    and why[id(other)] in ("", "too_short") and self.occurred(other) <= self.occurred(line)
                )  # fmt: skip
                length = self.resources[line["key"]]["duration_s"]
                why[id(line)] = "" if so_far >= min(30, length * 0.2) else "too_short"
        return why

    def _by_script(self, mine: list[Line]) -> list[tuple[Line, str]]:
        """More than forty messages of a sitting, each as long after the one before."""
        found = []
        for sitting, key in {(line["sitting"], line["key"]) for line in mine}:
            its = [line for line in mine if (line["sitting"], line["key"]) == (sitting, key)]
            gaps = [self.occurred(b) - self.occurred(a) for a, b in pairwise(its)]
            if any(len(set(gaps[n : n + 40])) == 1 for n in range(len(gaps) - 39)):
                found += [(line, "scripted") for line in its]
        return found

    def _clicked_twice(self, mine: list[Line]) -> list[tuple[Line, str]]:
        found, last = [], dict[str, dt.datetime]()
        for line in mine:
            if line["kind"] == "download":
                if line["key"] in last and self.occurred(line) - last[line["key"]] < dt.timedelta(seconds=10):
                    found.append((line, "double_click"))
                else:
                    last[line["key"]] = self.occurred(line)
        return found

    def _beside_another(self, mine: list[Line]) -> list[tuple[Line, str]]:
        """More than half of it, and more than two seconds, while a play that began before and counts itself was running."""
        found, counted = [], list[tuple[dt.datetime, Line]]()
        for line in mine:
            if line["kind"] != "watch":
                continue
            begins, lasts = self.occurred(line), dt.timedelta(seconds=self.attention(line))
            longest = max(counted, key=lambda one: one[0], default=None)
            beside = min(longest[0], begins + lasts) - begins if longest else dt.timedelta()
            if longest and beside > max(dt.timedelta(seconds=2), lasts / 2):
                is_same = (longest[1]["sitting"], longest[1]["key"]) == (line["sitting"], line["key"])
                found.append((line, "speed" if is_same else "parallel"))
            else:
                counted.append((begins + lasts, line))
        return found

    def attention(self, line: Line) -> float:
        if line["do"] == "resource.use" and line["kind"] == "watch":
            return float(line["to_s"] - line["from_s"]) / float(line.get("speed", 1))
        return float(line.get("seconds", 0))

    def uses(self) -> list[Line]:
        return [line for line in self.do("resource.use") if self.inside(line)]

    def m5(self, needed: int) -> Pair:
        able = []
        for key, spans in self.spans.items():
            days = sum(
                (max(dt.timedelta(), min(b or self.moment, self.moment) - max(a, self.start)) for a, b in spans if a), dt.timedelta()
            )  # fmt: skip
            if days >= dt.timedelta(days=30):
                able.append(key)
        users = defaultdict(set)
        for line in self.uses():
            if not self.why_not(line):
                users[line["key"]].add(line["user"])
        return sum(len(users[key]) >= needed for key in able), len(able)

    def m5_excluded(self) -> dict[str, int]:
        found: dict[str, int] = defaultdict(int)
        for line in self.uses():
            if self.why_not(line):
                found[self.why_not(line)] += 1
        return dict(found)

    def opened(self, lesson: str, *, learners: bool = True) -> set[str]:
        """Who opened it in the period: learners other than its owner."""
        found = set()
        for line in self.do("lesson.open"):
            who = line["user"]
            is_learner = "student" in self.users[who]["roles"] and not self.is_test(who)
            is_other = line["key"] == lesson and self.inside(line) and who != self.lessons[lesson]["owner"]
            if is_other and (is_learner or not learners):
                found.add(who)
        return found

    def effective(self) -> list[Line]:
        return [one for key, one in self.lessons.items() if when(one) < self.moment and self.opened(key)]

    def m6_a(self) -> Pair:
        used = {key for lesson in self.effective() for key in lesson["items"]}
        live = self.published()
        return sum(key in used for key in live), len(live)

    def m6_b(self) -> Pair:
        used = {key for lesson in self.lessons.values() if when(lesson) < self.moment for key in lesson["items"]}
        live = self.published()
        return sum(key in used for key in live), len(live)

    def m6_c(self) -> Pair:
        foreign = set()
        for lesson in self.effective():
            for key in lesson["items"]:
                if self.users[lesson["owner"]]["unit"] != self.users[self.resources[key]["author"]]["unit"]:
                    foreign.add(key)
        live = self.published()
        return sum(key in foreign for key in live), len(live)

    # --- people ------------------------------------------------------------------------------------------------------

    def registered(self) -> set[str]:
        """Not closed at t; closing at that very moment is still to come."""
        gone = {key for key, at in self.closed.items() if at < self.moment}
        known = {key for key, line in self.users.items() if when(line) < self.moment and not self.is_test(key)}
        return known - gone

    def active(self) -> set[str]:
        active = {line["user"] for line in self.uses() if not self.why_not(line)}
        active |= {who for key in self.lessons for who in self.opened(key, learners=False)}
        active |= {lesson["owner"] for lesson in self.lessons.values() if self.start <= when(lesson) < self.moment}
        return active & self.registered()

    def m11_a(self) -> Pair:
        return len(self.active()), len(self.registered())

    def m18(self) -> dict[str, Pair]:
        """Schools only: the host's own people, and those of the others."""
        host = self.do("library")[0]["hosts"][0]
        ours = {key for key in self.active() if self.users[key]["unit"] == host}
        others, whole = len(self.active() - ours), len(self.active())
        return {"M18.in_school": (len(ours), whole), "M18.other_school": (others, whole), "M18.society": (0, whole)}

    def m11_b(self) -> Pair:
        signed = {line["user"] for line in self.do("login") if self.inside(line)}
        return len(signed & self.registered()), len(self.registered())

    def efforts(self) -> dict[str, tuple[int, int, float]]:
        """Days, weeks, seconds of each person: each second of the clock once; short looks take time, too."""
        acts: dict[str, list[tuple[dt.datetime, float]]] = defaultdict(list)
        for line in self.uses():
            reason, seconds = self.why_not(line), self.attention(line)
            if reason in ("", "too_short") and (seconds > 0 or not reason):
                acts[line["user"]].append((self.occurred(line), seconds))
        for line in self.do("lesson.open"):
            own = self.lessons[line["key"]]["owner"] == line["user"] or self.is_test(line["user"])
            if self.inside(line) and not own:
                acts[line["user"]].append((self.occurred(line), self.attention(line)))
        found = {}
        for who, mine in acts.items():
            days = {at.astimezone(SHANGHAI).date() for at, _ in mine}
            weeks = {day - dt.timedelta(days=day.weekday()) for day in days}
            seconds: set[int] = set()
            for at, lasts in mine:  # whole seconds, one by one
                begin = int(at.timestamp())
                seconds |= set(range(begin, begin + round(lasts)))
            found[who] = len(days), len(weeks), float(len(seconds))
        return found

    def m11_c(self) -> Pair:
        deep = {who for who, (_, weeks, seconds) in self.efforts().items() if weeks >= 4 and seconds >= 3600}
        return len(deep & self.registered()), len(self.registered())

    def completed(self) -> set[tuple[str, str]]:
        return {(line["user"], line["course"]) for line in self.do("complete_course") if self.inside(line)}

    def m12_b(self) -> Pair:
        rosters: dict[str, Line] = {}
        for line in sorted(self.do("roster"), key=lambda line: line["census"]):
            day = dt.date.fromisoformat(line["census"])
            if self.start.date() <= day < self.end.astimezone(SHANGHAI).date():
                rosters[line["unit"]] = line
        students = {who for who, (days, _, seconds) in self.efforts().items() if days >= 3 and seconds >= 3600} | {
            who for who, _ in self.completed()
        }
        teachers = {
            lesson["owner"] for lesson in self.effective() if lesson["items"] and len(self.opened(lesson["key"])) >= 5
        }
        on_it = {("s", who) for one in rosters.values() for who in one["students"]}
        on_it |= {("t", who) for one in rosters.values() for who in one["teachers"]}
        reached = {("s", who) for who in students} | {("t", who) for who in teachers}
        reached = {(group, who) for group, who in reached if not self.is_test(who)}
        return len(on_it & reached), len(on_it)

    # --- course use --------------------------------------------------------------------------------------------------

    def enrolments(self) -> set[tuple[str, str, str]]:
        """(person, course, run) joined in the period and not left within 24 hours."""
        found = set()
        for line in self.do("enrol"):
            key, at = (line["user"], line["course"], line.get("run", "1")), when(line)
            gone = any(
                other["user"] == key[0] and other["course"] == key[1] and other.get("run", "1") == key[2]
                and at <= when(other) <= at + dt.timedelta(hours=24)
                for other in self.do("withdraw_enrolment")
            )  # fmt: skip
            if self.start <= at < self.moment and not gone and not self.is_test(key[0]):
                found.add(key)
        return found

    def m14_visits(self) -> tuple[int, int]:
        """Visits by person and course, the next one after 30 idle minutes; and how often a lesson's page was opened."""
        acts: dict[tuple[str, str], list[tuple[dt.datetime, dt.datetime]]] = defaultdict(list)
        pages = 0
        for line in self.uses():
            if self.why_not(line) in ("", "too_short"):
                ends = self.occurred(line) + dt.timedelta(seconds=self.attention(line))
                acts[line["user"], self.resources[line["key"]]["course"]].append((self.occurred(line), ends))
        for line in self.do("lesson.open"):
            lesson = self.lessons[line["key"]]
            if self.inside(line) and lesson["owner"] != line["user"] and not self.is_test(line["user"]):
                ends = self.occurred(line) + dt.timedelta(seconds=self.attention(line))
                acts[line["user"], lesson["course"]].append((self.occurred(line), ends))
                pages += 1
        visits = 0
        for mine in acts.values():
            busy_until = None
            for begins, ends in sorted(mine):
                if busy_until is None or begins >= busy_until + dt.timedelta(minutes=30):
                    visits += 1
                busy_until = ends if busy_until is None else max(busy_until, ends)
        return visits, pages

    def m14_time(self) -> int:
        return round(sum(seconds for _, _, seconds in self.efforts().values()))

    def m14_coverage(self) -> Pair:
        seen: dict[tuple[str, str], set[int]] = defaultdict(set)
        for line in self.uses():
            length = self.resources[line["key"]].get("duration_s")
            if line["kind"] == "watch" and length and self.why_not(line) in ("", "too_short"):
                part = range(int(line["from_s"]), min(int(line["to_s"]), int(length)))
                seen[line["user"], line["key"]] |= set(part)
        whole = sum(int(self.resources[key]["duration_s"]) for _, key in seen)
        return sum(map(len, seen.values())), whole

    def m14_completion(self) -> tuple[Pair, Pair]:
        pairs = {(who, course) for who, course, _ in self.enrolments()}
        begun = {
            (line["user"], self.resources[line["key"]]["course"]) for line in self.uses() if not self.why_not(line)
        }
        begun |= {
            (who, lesson["course"]) for key, lesson in self.lessons.items() for who in self.opened(key, learners=False)
        }
        done, started = self.completed(), pairs & begun
        return (len(started & done), len(started)), (len(pairs & done), len(pairs))

    def figures(self) -> dict[str, tuple[int, int | None]]:
        """Numerator and denominator by id; a plain count has no denominator."""
        shares = {
            "M2.A": self.m2_a(), "M3.A": self.m3_a(), "M4.A": self.m4_a(), "M5.A": self.m5(3), "M5.B": self.m5(1),
            "M6.A": self.m6_a(), "M6.B": self.m6_b(), "M6.C": self.m6_c(), "M11.A": self.m11_a(), "M11.B": self.m11_b(),
            "M11.C": self.m11_c(), "M12.B": self.m12_b(), "M14.coverage": self.m14_coverage(),
            "M14.completion.A": self.m14_completion()[0], "M14.completion.B": self.m14_completion()[1],
        }  # fmt: skip
        counts = {
            "M1.A": self.m1_a(), "M7.A": self.m7_a(), "M14.enrolments": len(self.enrolments()),
            "M14.persons": len({who for who, _, _ in self.enrolments()}), "M14.time": self.m14_time(),
            "M14.visits.A": self.m14_visits()[0], "M14.visits.B": self.m14_visits()[1],
        }  # fmt: skip
        return {**shares, **self.m18(), **{key: (value, None) for key, value in counts.items()}}
