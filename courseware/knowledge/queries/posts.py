"""Posts with their points, and what ties courses to each other. The number of queries never grows with rows."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import func, select
from sqlalchemy.orm import aliased, joinedload

from courseware.core.database import session
from courseware.knowledge.models import (
    Point,
    PointPost,
    PointPrerequisite,
    Post,
)
from courseware.libraries.models import Library


def posts_of_library(library: Library) -> Sequence[tuple[Post, int]]:
    """Posts that points of the library lead to, with how many points each needs."""
    rows = session().execute(
        select(Post, func.count(PointPost.point_id))
        .join(PointPost, PointPost.post_id == Post.id)
        .join(Point, Point.id == PointPost.point_id)
        .where(Point.library_id == library.id, Point.retired_at.is_(None))
        .group_by(Post.id)
        .order_by(func.count(PointPost.point_id).desc(), Post.id)
    )
    return [(post, count) for post, count in rows]


def points_of_post(library: Library, post: Post) -> list[Point]:
    """The points of a library that a post needs, with their courses."""
    query = (
        select(Point)
        .join(PointPost, PointPost.point_id == Point.id)
        .where(PointPost.post_id == post.id, Point.library_id == library.id, Point.retired_at.is_(None))
        .options(joinedload(Point.course))
        .order_by(Point.course_id, Point.id)
    )
    return list(session().scalars(query))


@dataclass(frozen=True, slots=True)
class CourseLinks:
    """How a course hangs together with others of its library, and the posts it leads to, as counts."""

    needs: Mapping[int, int]  # course id → prerequisites that lie in that course
    posts: Mapping[int, int]  # post id → points that the post needs


def course_links(library: Library) -> dict[int, CourseLinks]:
    """Relations between the courses of a library by course id, two queries."""
    needs: dict[int, dict[int, int]] = defaultdict(dict)
    first, then = aliased(Point), aliased(Point)
    across = session().execute(
        select(then.course_id, first.course_id, func.count())
        .select_from(PointPrerequisite)
        .join(then, then.id == PointPrerequisite.point_id)
        .join(first, first.id == PointPrerequisite.prerequisite_id)
        .where(then.library_id == library.id, then.course_id != first.course_id)
        .group_by(then.course_id, first.course_id)
    )
    for course_id, needed, count in across:
        needs[course_id or 0][needed or 0] = count
    posts = _posts_by_course(library)
    return {number: CourseLinks(needs.get(number, {}), posts.get(number, {})) for number in {*needs, *posts}}


def _posts_by_course(library: Library) -> dict[int, dict[int, int]]:
    posts: dict[int, dict[int, int]] = defaultdict(dict)
    rows = session().execute(
        select(Point.course_id, PointPost.post_id, func.count())
        .join(PointPost, PointPost.point_id == Point.id)
        .where(Point.library_id == library.id, Point.course_id.is_not(None), Point.retired_at.is_(None))
        .group_by(Point.course_id, PointPost.post_id)
    )
    for course_id, post_id, count in rows:
        posts[course_id or 0][post_id] = count
    return posts
