"""The question bank of a course as QTI 1.2 in the profile of Common Cartridge.

Cartridges know single and multiple choice, true or false, one blank, and essays. Other kinds stay here and are named.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, TypeAlias

from lxml import etree

from courseware.exchange.cartridge import names
from courseware.exchange.cartridge.manifest import clean
from courseware.exchange.planned import QuestionFacts

Node: TypeAlias = etree._Element


def bank(course_key: str, questions: Sequence[QuestionFacts]) -> tuple[bytes, list[QuestionFacts]]:
    """The bank as XML, and the questions that have no place in it."""
    root = etree.Element(f"{{{names.QTI}}}questestinterop", nsmap={None: names.QTI})
    objects = _node(root, "objectbank", ident=f"bank_{course_key}")
    left = [question for question in questions if not _add(objects, question)]
    return etree.tostring(root, xml_declaration=True, encoding="UTF-8", pretty_print=True), left


def _add(objects: Node, question: QuestionFacts) -> bool:
    profile, write = WRITERS.get(question.kind, ("", None))
    if write is None or not _has_form(question):
        return False
    item = _node(objects, "item", ident=f"q_{question.key}", title=clean(question.key))
    _metadata(item, profile, question.score)
    presentation = _node(item, "presentation")
    _material(presentation, question.stem)
    write(item, presentation, question)
    if question.explanation:
        _material(_node(_node(item, "itemfeedback", ident="general_fb"), "flow_mat"), question.explanation)
    return True


def _has_form(question: QuestionFacts) -> bool:
    """Whether options and answer are as the kind needs them: nothing is guessed into a test."""
    options, answer = question.content.get("options"), question.content.get("answer")
    if question.kind in ("short_answer", "essay"):
        return bool(question.stem)
    if question.kind == "blank":
        return isinstance(answer, list) and len(answer) == 1 and isinstance(answer[0], list) and bool(answer[0])
    known = {str(one.get("id")) for one in options if isinstance(one, Mapping)} if isinstance(options, list) else set()
    wanted = _answers(answer)
    return bool(known) and bool(wanted) and set(wanted) <= known


def _choices(item: Node, presentation: Node, question: QuestionFacts) -> None:
    many = question.kind == "multiple"
    response = _node(presentation, "response_lid", ident="response1", rcardinality="Multiple" if many else "Single")
    choices = _node(response, "render_choice")
    options = [str(one["id"]) for one in question.content["options"]]
    for option in question.content["options"]:
        _material(_node(choices, "response_label", ident=str(option["id"])), str(option.get("text", "")))
    right = _answers(question.content["answer"])
    condition = _scored(item)
    if not many:
        _node(condition, "varequal", right[0], respident="response1")
        return
    both = _node(condition, "and")
    for option in options:
        place = both if option in right else _node(both, "not")
        _node(place, "varequal", option, respident="response1")


def _blank(item: Node, presentation: Node, question: QuestionFacts) -> None:
    response = _node(presentation, "response_str", ident="response1", rcardinality="Single")
    _node(response, "render_fib", fibtype="String", rows="1", columns="20", prompt="Box")
    condition = _scored(item)
    for accepted in question.content["answer"][0]:
        _node(condition, "varequal", str(accepted), respident="response1", case="No")


def _essay(item: Node, presentation: Node, question: QuestionFacts) -> None:
    response = _node(presentation, "response_str", ident="response1", rcardinality="Single")
    _node(response, "render_fib")
    told = question.content.get("answer")
    sample = "\n".join(map(str, told)) if isinstance(told, list) else str(told or "")
    if sample:
        solution = _node(_node(item, "itemfeedback", ident="solution"), "solution")
        _material(_node(_node(solution, "solutionmaterial"), "flow_mat"), sample)


Writer = Callable[[Node, Node, QuestionFacts], None]
WRITERS: dict[str, tuple[str, Writer | None]] = {
    "single": ("cc.multiple_choice.v0p1", _choices), "multiple": ("cc.multiple_response.v0p1", _choices),
    "true_false": ("cc.true_false.v0p1", _choices), "blank": ("cc.fib.v0p1", _blank),
    "short_answer": ("cc.essay.v0p1", _essay), "essay": ("cc.essay.v0p1", _essay),
}  # fmt: skip


def _answers(answer: Any) -> list[str]:
    return [str(one) for one in answer] if isinstance(answer, list) else [str(answer)] if answer else []


def _metadata(item: Node, profile: str, score: int | None) -> None:
    fields = _node(_node(item, "itemmetadata"), "qtimetadata")
    for label, entry in (("cc_profile", profile), ("cc_weighting", str(score or 1))):
        one = _node(fields, "qtimetadatafield")
        _node(one, "fieldlabel", label)
        _node(one, "fieldentry", entry)


def _scored(item: Node) -> Node:
    """The condition under which the answer is right."""
    processing = _node(item, "resprocessing")
    _node(_node(processing, "outcomes"), "decvar", varname="SCORE", vartype="Decimal", minvalue="0", maxvalue="100")
    right = _node(processing, "respcondition", **{"continue": "No"})
    condition = _node(right, "conditionvar")
    _node(right, "setvar", "100", varname="SCORE", action="Set")
    return condition


def _material(parent: Node, text: str) -> None:
    _node(_node(parent, "material"), "mattext", text, texttype="text/plain")


def _node(parent: Node, name: str, text: str = "", **attributes: str) -> Node:
    node = etree.SubElement(parent, f"{{{names.QTI}}}{name}", {key: clean(value) for key, value in attributes.items()})
    node.text = clean(text) or None
    return node
