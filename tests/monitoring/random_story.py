"""Random stories of a library, of lines that the rules accept: what the reference and the product both count."""

from __future__ import annotations

import datetime as dt
import random
from typing import Any

Line = dict[str, Any]
ZONE = dt.timezone(dt.timedelta(hours=8))
BEGIN, END = dt.datetime(2025, 1, 3, tzinfo=ZONE), dt.datetime(2026, 12, 20, tzinfo=ZONE)
YEAR_ENDS = dt.datetime(2026, 11, 1, tzinfo=ZONE)
TYPES = ("video", "video", "audio", "animation", "presentation", "image", "simulation", "other")
LOOKS = {"presentation": "read", "image": "view", "simulation": "simulate", "other": "read"}
STUDENTS = [f"s{n}" for n in range(1, 9)]
EVERYBODY = [*STUDENTS, "x1", "t1", "t2", "t3", "v1"]


class Teller:
    """Makes one story from one seed. Times are whole seconds, so that a slow count second by second is exact."""

    def __init__(self, seed: int, size: int) -> None:
        self.random, self.size, self.lines = random.Random(seed), size, list[Line]()
        self.live: dict[str, list[tuple[dt.datetime, dt.datetime]]] = {}
        self.sent: set[tuple[str, dt.datetime]] = set()

    def tell(self, now: dt.datetime) -> list[Line]:
        """The lines up to `now` in the order of their times; the last one is an act or the clock at that very moment."""
        self._setting()
        for n in range(self.size):
            self._resource(n)
        for n in range(self.size // 3):
            self._lesson(f"k{n}")
        self._learning(self.size * 7)
        self._playing(self.size // 2)
        self._appeals()
        self._courses()
        kept = [line for line in self.lines if dt.datetime.fromisoformat(line["at"]) <= now]
        kept.append({"at": now.isoformat(), "do": "clock"})
        return sorted(kept, key=lambda line: (dt.datetime.fromisoformat(line["at"]), ORDER.get(line["do"], 5)))

    def _at(self, after: dt.datetime, before: dt.datetime) -> dt.datetime:
        """A moment between the two; often on a day that others chose as well, so that things meet."""
        span = int((before - after).total_seconds())
        at = after + dt.timedelta(seconds=self.random.randrange(max(1, span)))
        if self.random.random() < 0.5:
            at = at.replace(
                day=min(at.day, 3),
                hour=self.random.choice((0, 9, 23)),
                minute=self.random.choice((0, 30, 59)),
                second=0,
            )
        return min(max(at, after), before)

    def _say(self, at: dt.datetime, do: str, **fields: Any) -> None:
        self.lines.append({"at": at.isoformat(), "do": do, **fields})

    def _setting(self) -> None:
        at = dt.datetime(2025, 1, 2, 9, tzinfo=ZONE)
        for key in ("u", "w"):
            self._say(at, "unit", key=key, name=f"{key} 校", kind="school")
        roles = {
            "t1": ["teacher"],
            "t2": ["teacher"],
            "t3": ["teacher"],
            "v1": ["reviewer"],
            "lib1": ["librarian"],
            "x1": ["student"],
        }
        for key in [*roles, *STUDENTS]:
            unit = "w" if key in ("t3", "s7", "s8") else "u"
            self._say(
                at,
                "user",
                key=key,
                name=key,
                unit=unit,
                roles=roles.get(key, ["student"]),
                **({"test": True} if key == "x1" else {}),
            )
        self._say(at, "major", key="m", code="460305", name="工业机器人技术")
        self._say(at, "library", key="l", code="LIB", name="库", core_major="m", hosts=["u"], participants=["w"])
        self._say(at, "point", key="p1", library="l", name="点", kind="knowledge")
        for key in ("c", "d"):
            self._say(
                at,
                "course",
                key=key,
                library="l",
                major="m",
                name=key,
                kind="core",
                standard=[{"unit": "一", "points": ["p1"]}],
            )
        self._rosters()

    def _rosters(self) -> None:
        """Two census days in the year, the later of which was sent twice; and one of the year before."""
        lists = {"u": ([*STUDENTS[:6], "x1"], ["t1", "t2"]), "w": (["s7", "s8", "s1"], ["t3"])}
        told = (
            ("2025-10-20", "2026-05-02"),
            ("2026-04-15", "2026-05-03"),
            ("2026-10-20", "2026-10-30"),
            ("2026-10-20", "2026-11-20"),
        )
        for census, sent in told:
            at = dt.datetime.fromisoformat(f"{sent}T12:00:00+08:00")
            for unit, (students, teachers) in lists.items():
                here = [who for who in students if self.random.random() < 0.8]
                self._say(at, "roster", library="l", unit=unit, census=census, students=here, teachers=teachers)

    def _resource(self, n: int) -> None:
        key, type_ = f"r{n}", self.random.choice(TYPES)
        born = self._at(BEGIN, END - dt.timedelta(days=40))
        timed = (
            {"duration_s": self.random.choice((20, 90, 100, 300, 600))}
            if type_ in ("video", "audio", "animation")
            else {}
        )
        self._say(
            born, "resource.publish", key=key, library="l", course=self.random.choice("cd"), type=type_, title=f"资源 {n}", points=["p1"],
            content=f"content {n}", originality=self.random.choice(("original", "original", "adapted", "open")),
            evidence=self.random.random() < 0.8, author=self.random.choice(("t1", "t2", "t3")), reviewer="v1", **timed,
        )  # fmt: skip
        self._fate(key, born)

    def _fate(self, key: str, born: dt.datetime) -> None:
        """Revised, withdrawn, restored: in an order that the rules allow."""
        at, spans, begun = born, [], born
        is_live = True
        for _ in range(self.random.randrange(4)):
            at = self._at(at + dt.timedelta(days=1), at + dt.timedelta(days=200))
            if at >= END:
                break
            if not is_live:
                self._say(at, "resource.restore", key=key, reason="复核", by="lib1")
                is_live, begun = True, at
            elif self.random.random() < 0.5:
                decided = self.random.choice(("substantive", "minor"))
                author = next(line["author"] for line in self.lines if line.get("key") == key)
                self._say(
                    at, "resource.revise", key=key, content=f"{key} {at}", change={"share": 0.5, "seconds": 60}, reason="新型号",
                    author=author, reviewer="v1", proposed=decided, decided=decided,
                )  # fmt: skip
            else:
                self._say(at, "resource.withdraw", key=key, reason="陈旧", by="lib1")
                spans.append((begun, at))
                is_live = False
        if is_live and at < YEAR_ENDS - dt.timedelta(days=31) and self.random.random() < 0.3:
            gone, back = (YEAR_ENDS + dt.timedelta(days=self.random.choice(days)) for days in ((-29, -1), (1, 29, 40)))
            self._say(gone, "resource.withdraw", key=key, reason="年检", by="lib1")
            self._say(back, "resource.restore", key=key, reason="复核", by="lib1")
            spans, begun = [*spans, (begun, gone)], back
        self.live[key] = [*spans, *([(begun, END)] if is_live else [])]

    def _lesson(self, key: str) -> None:
        at = self._at(BEGIN + dt.timedelta(days=20), END)
        items = [r for r, spans in self.live.items() if any(a < at < b for a, b in spans)]
        chosen = self.random.sample(items, min(len(items), 3))
        owner = self.random.choice(("t1", "t2", "t3"))
        self._say(at, "lesson.publish", key=key, course="c", owner=owner, items=chosen, activities=1)
        for who in self.random.sample(EVERYBODY, self.random.randrange(8)):
            opened = self._at(at + dt.timedelta(minutes=1), END + dt.timedelta(days=1))
            self._say(opened, "lesson.open", key=key, user=who, seconds=self.random.choice((0, 0, 40, 1200)))

    def _learning(self, acts: int) -> None:
        types = {
            line["key"]: (line["type"], line.get("duration_s"))
            for line in self.lines
            if line["do"] == "resource.publish"
        }
        for _ in range(acts):
            key = self.random.choice(list(types))
            begin, end = self.random.choice(self.live[key])
            at = self._at(begin + dt.timedelta(minutes=1), end - dt.timedelta(minutes=1))
            if not begin < at < end:
                continue
            late = {"occurred_at": at.isoformat()} if self.random.random() < 0.2 else {}
            told = at + dt.timedelta(days=self.random.choice((0, 1, 40))) if late else at
            self._say(
                told, "resource.use", key=key, user=self.random.choice(EVERYBODY), **self._use(*types[key]), **late
            )
        for who in self.random.sample(EVERYBODY, 5):
            self._say(self._at(BEGIN, END), "login", user=who)

    def _playing(self, plays: int) -> None:
        """Players' messages of 15 s: some fast, some beside another play, some by a script, and downloads clicked twice."""
        for n in range(plays):
            key = self.random.choice([k for k, length in self._lengths().items() if length])
            begin, end = self.random.choice(self.live[key])
            at = self._at(begin + dt.timedelta(minutes=1), end - dt.timedelta(days=1))
            if not begin < at < end:
                continue
            who = self.random.choice(EVERYBODY[:11])
            count, every = (self.random.choice((1, 2, 4, 8)), self.random.choice((15, 15, 5))) if n else (42, 15)
            self._messages(who, key, at, count, every, f"a{n}")
            if self.random.random() < 0.5:
                self._messages(who, self.random.choice(self._alive(at)), at + dt.timedelta(seconds=7), 4, 15, f"b{n}")
            for second in (100_003, 100_009, 100_021):
                self._message(who, key, at + dt.timedelta(seconds=second), f"c{n}", kind="download")

    def _lengths(self) -> dict[str, float | None]:
        return {line["key"]: line.get("duration_s") for line in self.lines if line["do"] == "resource.publish"}

    def _alive(self, at: dt.datetime) -> list[str]:
        """Recordings that were live then."""
        return [
            key
            for key, length in self._lengths().items()
            if length and any(a < at < b - dt.timedelta(days=1) for a, b in self.live[key])
        ]

    def _messages(self, who: str, key: str, at: dt.datetime, count: int, every: int, sitting: str) -> None:
        speed = self.random.choice((1, 1, 1, 1, 3))
        for n in range(count):
            start = 15 * speed * n
            self._message(
                who, key, at + dt.timedelta(seconds=every * n), sitting, kind="watch", from_s=start, to_s=start + 15 * speed, speed=speed,
            )  # fmt: skip

    def _message(self, who: str, key: str, at: dt.datetime, sitting: str, **what: Any) -> None:
        """Some come a day late. Nobody sends two at one second: which was first would be left to chance."""
        while (who, at) in self.sent:
            at += dt.timedelta(seconds=1)
        self.sent.add((who, at))
        late = self.random.random() < 0.2
        told = at + dt.timedelta(days=1) if late else at
        more = {"occurred_at": at.isoformat()} if late else {}
        if any(a < at < b for a, b in self.live[key]):
            self._say(told, "resource.use", key=key, user=who, sitting=f"{who}-{sitting}", **what, **more)

    def _appeals(self) -> None:
        """About time that may have been taken away, and about much that was not, which is refused."""
        played = sorted({
            (line["user"], line["key"], line.get("occurred_at", line["at"])[:10]) for line in self.lines if line.get("sitting")
        })  # fmt: skip
        for who, key, day in self.random.sample(played, len(played) * 2 // 3):
            at = dt.datetime.fromisoformat(f"{day}T12:00:00+08:00") + dt.timedelta(days=self.random.choice((2, 9)))
            for reason in self.random.sample(("parallel", "speed", "scripted", "double_click"), 2):
                accepted = self.random.random() < 0.6
                self._say(at, "appeal", key=key, user=who, day=day, reason=reason, accepted=accepted, by="lib1")

    def _use(self, type_: str, length: float | None) -> Line:
        odd = self.random.random()
        more = {"context": "preview"} if odd < 0.05 else {"context": "review"} if odd < 0.1 else {}
        if self.random.random() < 0.1:
            return {"kind": "download"}
        if length is None:
            return {"kind": LOOKS[type_], "seconds": self.random.choice((3, 10, 40, 90, 1500)), **more}
        start = self.random.randrange(int(length) - 5)
        lasts = self.random.choice((4, 12, 28, 30, int(length)))
        speed = self.random.choice((1, 1, 1, 2, 4))
        return {
            "kind": "watch",
            "from_s": start,
            "to_s": start + lasts - lasts % speed or start + speed,
            "speed": speed,
            **more,
        }

    def _courses(self) -> None:
        for who in EVERYBODY[:9]:
            for run in self.random.sample(("1", "2"), self.random.choice((1, 2))):
                at = self._at(BEGIN, END)
                self._say(at, "enrol", course="c", run=run, user=who)
                gone = at + dt.timedelta(hours=self.random.choice((2, 24, 400)))
                if self.random.random() < 0.3:
                    self._say(gone, "withdraw_enrolment", course="c", run=run, user=who)
                elif self.random.random() < 0.7:
                    self._say(gone, "complete_course", course="c", user=who)


ORDER = {
    "unit": 0, "user": 1, "major": 1, "library": 2, "point": 3, "course": 4, "resource.publish": 5, "clock": 9,
}  # fmt: skip
