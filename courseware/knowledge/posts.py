"""Posts (岗位) and their abilities (能力): what somebody in a post is able to do, and the points it takes (R11).

A post may serve several libraries. A librarian changes one that only their own library needs; administrators any.
"""

from __future__ import annotations

import uuid as uuidlib
from collections.abc import Sequence

from sqlalchemy import func, select
from sqlalchemy.orm import selectinload

from courseware.auditlog import services as auditlog
from courseware.core.database import session
from courseware.core.errors import NotAllowed, NotFound
from courseware.core.roles import Actor, Role
from courseware.knowledge import errors
from courseware.knowledge.models import Ability, Point, PointPost, Post
from courseware.knowledge.names import checked_name
from courseware.knowledge.policy import can_edit_graph
from courseware.knowledge.services import refuse_retired
from courseware.libraries.models import Library


def post_by_uuid(uuid: uuidlib.UUID) -> Post:
    """A post with its abilities and their points; raises NotFound."""
    post = session().scalar(
        select(Post)
        .where(Post.uuid == uuid)
        .options(selectinload(Post.abilities).selectinload(Ability.points), selectinload(Post.points))
    )
    if post is None:
        raise NotFound()
    return post


def all_posts() -> Sequence[Post]:
    """Every post with its abilities, by name."""
    return session().scalars(select(Post).options(selectinload(Post.abilities)).order_by(Post.name)).all()


def add_post(library: Library, actor: Actor | None, name: str, *, code: str = "", name_en: str = "") -> Post:
    """A new post; raises NotAllowed, NameInvalid, PostNameTaken."""
    if not can_edit_graph(actor, library):
        raise NotAllowed()
    text = checked_name(name)
    if session().scalar(select(Post.id).where(Post.name == text)):
        raise errors.PostNameTaken(name=text)
    post = Post(name=text, code=code.strip(), name_en=name_en.strip(), abilities=[])
    session().add(post)
    session().flush()
    auditlog.record("post.create", actor, about=post, details={"library": library.code})
    return post


def describe_post(post: Post, library: Library, actor: Actor | None, *, name: str, code: str, name_en: str) -> None:
    """Names a post anew; raises NotAllowed, PostOfOthers, PostNameTaken."""
    require_post_editor(post, library, actor)
    text = checked_name(name)
    if session().scalar(select(Post.id).where(Post.name == text, Post.id != post.id)):
        raise errors.PostNameTaken(name=text)
    post.name, post.code, post.name_en = text, code.strip(), name_en.strip()
    session().flush()
    auditlog.record("post.describe", actor, about=post)


def add_ability(post: Post, library: Library, actor: Actor | None, name: str, *, name_en: str = "") -> Ability:
    """One more thing that somebody in the post is able to do; raises AbilityTaken, NameInvalid."""
    require_post_editor(post, library, actor)
    text = checked_name(name)
    if any(known.name == text for known in post.abilities):
        raise errors.AbilityTaken(name=text)
    last = max((known.seq for known in post.abilities), default=0)
    ability = Ability(seq=last + 1, name=text, name_en=name_en.strip(), points=[])
    post.abilities.append(ability)
    session().flush()
    auditlog.record("ability.create", actor, about=ability, details={"post": post.name})
    return ability


def remove_ability(ability: Ability, library: Library, actor: Actor | None) -> None:
    """Takes an ability away; its points stay with the post."""
    require_post_editor(ability.post, library, actor)
    auditlog.record("ability.remove", actor, about=ability, details={"post": ability.post.name, "name": ability.name})
    ability.post.abilities.remove(ability)
    session().flush()


def tie_ability(ability: Ability, point: Point, library: Library, actor: Actor | None) -> None:
    """Says that an ability takes a point, which makes it one that the post needs; doing it twice changes nothing."""
    _require_own_point(point, library, actor)
    refuse_retired(point)
    if point not in ability.points:
        ability.points.append(point)
    if session().get(PointPost, (point.id, ability.post_id)) is None:
        session().add(PointPost(point_id=point.id, post_id=ability.post_id))
    session().flush()
    session().expire(point, ["posts", "abilities"])
    auditlog.record("ability.tie", actor, about=ability, details={"point": point.key})


def untie_ability(ability: Ability, point: Point, library: Library, actor: Actor | None) -> None:
    """The ability no longer takes the point; the post still needs it. Raises NotFound."""
    _require_own_point(point, library, actor)
    if point not in ability.points:
        raise NotFound()
    ability.points.remove(point)
    session().flush()
    auditlog.record("ability.untie", actor, about=ability, details={"point": point.key})


def ability_of(post: Post, uuid: uuidlib.UUID) -> Ability:
    """One of the abilities of a post; raises NotFound."""
    found = next((ability for ability in post.abilities if ability.uuid == uuid), None)
    if found is None:
        raise NotFound()
    return found


def require_post_editor(post: Post, library: Library, actor: Actor | None) -> None:
    """Raises NotAllowed, or PostOfOthers where points of another library need the post too."""
    if not can_edit_graph(actor, library):
        raise NotAllowed()
    elsewhere = (
        select(func.count()).select_from(PointPost).join(Point, Point.id == PointPost.point_id)
        .where(PointPost.post_id == post.id, Point.library_id != library.id)
    )  # fmt: skip
    if actor is not None and not actor.has_role(Role.ADMINISTRATOR) and session().scalar(elsewhere):
        raise errors.PostOfOthers(name=post.name)


def _require_own_point(point: Point, library: Library, actor: Actor | None) -> None:
    if not can_edit_graph(actor, library) or point.library_id != library.id:
        raise NotAllowed()
