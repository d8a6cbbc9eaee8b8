"""`python -m benchmarks recommendations`: do suggestions find what people used next? Measured on the demonstration's history.

Leave-last-out: of each learner with at least five resources the one they met last is hidden, together with everything
after it. Each way of suggesting sees the rest, and everybody else's up to theirs, and names ten resources that the learner
has not met. Recall@10 is the share of learners whose hidden one is among them.
"""

from __future__ import annotations

import argparse
import json
import time
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from math import sqrt
from pathlib import Path

from courseware.guidance.co_use import LEAST_PEOPLE, Neighbour, neighbours, people_by_resource
from courseware.guidance.counting import POPULAR
from courseware.guidance.path import next_steps
from courseware.guidance.ranking import rank

DATA = Path(__file__).resolve().parent.parent / "courseware" / "demo" / "data"
TOP, LEAST_USES, RECENT = 10, 5, 20
Suggest = Callable[["Seen"], list[int]]


@dataclass(frozen=True, slots=True)
class Seen:
    """A learner before the hidden use: resources, newest first."""

    user: str
    used: Sequence[int]


@dataclass(slots=True)
class Story:
    """What the history says: first uses in order, and what the resources and points are."""

    first_uses: dict[str, dict[int, str]] = field(default_factory=lambda: defaultdict(dict))
    points: dict[int, list[int]] = field(default_factory=dict)
    course: dict[int, str] = field(default_factory=dict)
    needs: dict[int, list[int]] = field(default_factory=dict)


class Numbers(dict[str, int]):
    """Numbers for keys, as they come."""

    def __missing__(self, key: str) -> int:
        self[key] = len(self) + 1
        return self[key]


def read_story(data: Path = DATA) -> Story:
    """The history of the demonstration; uses of test accounts and anomalies are left out, as the product leaves them out."""
    story, resources, points = Story(), Numbers(), Numbers()
    people = json.loads((data / "people.json").read_text(encoding="utf-8"))["users"]
    left_out = {one["key"] for one in people if one.get("test") or one.get("category") == "anomaly_demo"}
    for line in (data / "history.jsonl").read_text(encoding="utf-8").splitlines():
        act = json.loads(line)
        if act["do"] == "point":
            story.needs[points[act["key"]]] = [points[need] for need in act.get("prerequisites", ())]
        elif act["do"] == "resource.publish":
            number = resources[act["key"]]
            story.points[number] = [points[point] for point in act.get("points", ())]
            story.course[number] = act.get("course", "")
        elif act["do"] == "resource.use" and act["user"] not in left_out:
            story.first_uses[act["user"]].setdefault(resources[act["key"]], act["at"])
    return story


def hidden_uses(story: Story) -> list[tuple[Seen, int]]:
    """Each learner with enough uses, what they saw before, and the resource they met last."""
    found = []
    for user, uses in story.first_uses.items():
        order = sorted(uses, key=lambda number: (uses[number], number))
        if len(order) >= LEAST_USES:
            found.append((Seen(user, order[-2::-1]), order[-1]))
    return found


def ways(story: Story, hidden: Iterable[tuple[Seen, int]]) -> Mapping[str, Suggest]:
    """Every way that is compared; all count from the same histories, which lack what is hidden."""
    histories = [list(seen.used) for seen, _last in hidden]
    people = people_by_resource(histories)
    near = _by_resource(neighbours(histories))
    near_least_1 = _by_resource(neighbours(histories, least=1))
    by_people = sorted(people, key=lambda number: (-people[number], number))

    def popular(seen: Seen) -> list[int]:
        return [number for number in by_people if number not in seen.used][:TOP]

    def popular_in_course(seen: Seen) -> list[int]:
        newest = story.course.get(seen.used[0], "")
        mine = [n for n in by_people if story.course.get(n) == newest and n not in seen.used]
        return list(dict.fromkeys([*mine, *popular(seen)]))[:TOP]

    def co_use(seen: Seen, table: Mapping[int, list[Neighbour]] = near) -> list[int]:
        found = (one for number in seen.used[:RECENT] for one in table.get(number, ()))
        return [one.resource_id for one in rank(found, leave_out=set(seen.used), limit=TOP)]

    def ranked(seen: Seen) -> list[int]:
        newest = story.course.get(seen.used[0], "")
        in_course = [n for n in by_people if story.course.get(n) == newest and people[n] >= LEAST_PEOPLE][:POPULAR]
        found = (one for number in seen.used[:RECENT] for one in near.get(number, ()))
        known = {number: people[number] for number in in_course}
        return [one.resource_id for one in rank(found, known, leave_out=set(seen.used), limit=TOP)]

    def path(seen: Seen) -> list[int]:
        return list(_along_the_path(story, seen, by_people))[:TOP]

    def shown(seen: Seen) -> list[int]:
        """As my learning shows it, ten long: two steps of the path first."""
        return list(dict.fromkeys([*path(seen)[:2], *ranked(seen)]))[:TOP]

    return {
        "popularity": popular, "popular in the course": popular_in_course, "path along prerequisites": path,
        "co-use, at least 3 people": co_use, "co-use, at least 1 person": lambda seen: co_use(seen, near_least_1),
        "ranking: co-use, course first": ranked, "as shown: two of the path, ranking": shown,
    }  # fmt: skip


def measure(story: Story) -> list[tuple[str, int, int, float]]:
    """Name, hits, learners and microseconds a learner of every way."""
    hidden, rows = hidden_uses(story), []
    for name, suggest in ways(story, hidden).items():
        begun = time.perf_counter()
        hits = sum(last in suggest(seen) for seen, last in hidden)
        rows.append((name, hits, len(hidden), 1e6 * (time.perf_counter() - begun) / max(1, len(hidden))))
    return rows


def wilson(hits: int, all_: int, z: float = 1.96) -> tuple[float, float]:
    """The 95 % interval of a share, in per cent."""
    if not all_:
        return 0.0, 100.0
    share, more = hits / all_, z * z / all_
    middle, half = share + more / 2, z * sqrt(share * (1 - share) / all_ + more / all_ / 4)
    return 100 * (middle - half) / (1 + more), 100 * (middle + half) / (1 + more)


def main(arguments: Sequence[str] = ()) -> None:
    """Prints the table."""
    argparse.ArgumentParser(prog="python -m benchmarks recommendations", description=__doc__).parse_args(arguments)
    print(f"{'way':36} {'hits':>9} {'recall@10':>10}  95 % interval    µs")
    for name, hits, learners, micro in measure(read_story()):
        low, high = wilson(hits, learners)
        share = 100 * hits / max(1, learners)
        print(f"{name:36} {hits:4}/{learners:<4} {share:8.2f} %  {low:5.2f}–{high:5.2f} %  {micro:6.0f}")


def _by_resource(found: Iterable[Neighbour]) -> dict[int, list[Neighbour]]:
    table: dict[int, list[Neighbour]] = defaultdict(list)
    for one in found:
        table[one.resource_id].append(one)
    return table


def _along_the_path(story: Story, seen: Seen, by_people: Sequence[int]) -> Iterable[int]:
    """Resources of the next points of the course met last, the most used one of each point first."""
    course = story.course.get(seen.used[0], "")
    order = list(dict.fromkeys(p for n, of in story.course.items() if of == course for p in story.points.get(n, ())))
    states = {point: "done" for number in seen.used for point in story.points.get(number, ())}
    for step in next_steps(order, story.needs, states, limit=len(order)):
        teaching = (n for n in by_people if step.point_id in story.points.get(n, ()) and n not in seen.used)
        yield from list(teaching)[:1]
