"""Role × endpoint (SEC7): every endpoint is listed here, and an unlisted one fails the build.

The letters name who gets past the guard: g guest, s student, t teacher (author of the resource, leader of the course,
owner of the upload), r reviewer, l librarian of the unit, a administrator. Everybody else is sent to the sign-in page or
refused. What is decided by a single object is tested with its subject as well.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from flask import Flask
from werkzeug.routing import Rule

from courseware.accounts.models import User
from tests.servers.rewound import MadeOnce
from tests.web.site import LETTERS, Site, make_site

pytestmark = pytest.mark.one_database

ALL, IN, TEACH, KEEP, ADMIN = "gstrla", "strla", "tla", "la", "a"
BY_OBJECT = "by object"  # no such file in the small site: tests/resources and tests/catalog have it

READ = {
    "discovery.home": ALL, "discovery.search": ALL, "discovery.suggest": ALL, "discovery.searches": KEEP, "discovery.about": ALL, "discovery.moment": BY_OBJECT,
    "discovery.cover": BY_OBJECT, "libraries.libraries": ALL, "libraries.library": ALL, "libraries.training_plan": BY_OBJECT,
    "knowledge.knowledge_map": ALL, "knowledge.point": ALL, "knowledge.graph_data": ALL, "knowledge.point_panel": ALL,
    "knowledge.graph_editor": KEEP, "knowledge.check_graph": KEEP, "knowledge.export_graph": BY_OBJECT, "knowledge.import_graph": KEEP,
    "knowledge.posts_of_library": KEEP, "knowledge.edit_post": BY_OBJECT, "knowledge.merge_point": BY_OBJECT, "catalog.courses": ALL, "catalog.course": ALL,
    "progress.learn": ALL, "resources.resource": ALL, "resources.lom": ALL, "resources.lrmi": ALL, "resources.captions": ALL, "monitoring.definitions": ALL, "monitoring.public_figures": ALL, "monitoring.public_file": ALL,
    "resources.version_page": ALL, "resources.edit_captions": TEACH, "resources.caption_cues": TEACH,
    "resources.compare_versions": BY_OBJECT, "resources.evidence_file": BY_OBJECT,
    "resources.run_simulation": BY_OBJECT, "resources.simulation_file": BY_OBJECT,
    "media_files.playlist": BY_OBJECT, "media_files.download": BY_OBJECT, "media_files.original": BY_OBJECT, "static": BY_OBJECT,
    "accounts.sign_in": ALL, "accounts.sign_up": ALL, "accounts.setup_password": BY_OBJECT,
    "health.healthz": ALL, "health.readyz": ALL, "health.metrics": ALL,
    "api_search.search": ALL, "api_courses.list_courses": ALL, "api_courses.get_course": ALL, "api_points.get_point": ALL,
    "api_resources.list_resources": ALL, "api_resources.get_resource": ALL, "api_feedback.list_versions": ALL, "api_metrics.get_metrics": ALL,
    "api-docs.openapi_json": ALL,
    "accounts.account": IN, "guidance.my_learning": IN, "guidance.plan": IN, "guidance.choices": IN, "guidance.own_data": IN, "guidance.fetch_own_data": BY_OBJECT,
    "certificates.mine": IN, "certificates.certificate": "sla", "certificates.verify": ALL, "certificates.kept": KEEP, "progress.my_time": IN, "progress.time_appeals": KEEP, "feedback.my_reports": IN,
    "feedback.report": ALL, "feedback.contributions": "sla", "feedback.reports": TEACH,
    "resources.my_resources": TEACH, "resources.new": TEACH, "resources.edit": TEACH, "resources.processing": TEACH,
    "catalog.teach_courses": TEACH, "catalog.builder": TEACH, "catalog.lesson_board": TEACH, "catalog.tray": TEACH,
    "catalog.hand_in": TEACH, "catalog.lesson_case": "trla", "catalog.standard_case": "trla",
    "catalog.standard": TEACH, "catalog.standard_points": TEACH, "catalog.standard_version": TEACH, "catalog.team": TEACH,
    "catalog.terms": TEACH, "catalog.runs": TEACH, "catalog.run": TEACH, "catalog.withdraw_course": TEACH,
    "catalog.plan": TEACH, "catalog.unit_preview": TEACH, "catalog.copy_lesson": TEACH,
    "media_files.upload_state": "t",
    "exchange.packages": IN, "exchange.download": BY_OBJECT, "exchange.new_import": TEACH, "exchange.course_import": TEACH,
    "review.queue": "rla", "review.case": "trla",
    "monitoring.plan": KEEP, "monitoring.what_if": KEEP, "monitoring.yearly": KEEP, "monitoring.report_file": KEEP,
    "monitoring_handover.hand_over": KEEP, "monitoring_handover.new": KEEP, "monitoring_handover.edit": KEEP, "monitoring_handover.rows_file": KEEP,
    "monitoring_handover.mapping_file": KEEP,
    "monitoring_rosters.rosters": KEEP, "monitoring_rosters.template": KEEP, "monitoring_rosters.draft": BY_OBJECT, "monitoring_rosters.roster": BY_OBJECT,
    "monitoring_radar.radar": KEEP, "monitoring_radar.export": KEEP, "monitoring_radar.link_list": KEEP, "monitoring_radar.export_links": KEEP,
    "monitoring_radar.standards": KEEP, "monitoring_radar.export_standards": KEEP,
    "monitoring_surveys.results": KEEP, "monitoring_alerts.unusual": KEEP, "monitoring_alerts.finding": BY_OBJECT, "monitoring_alerts.export": BY_OBJECT,
    "monitoring.snapshots": KEEP, "monitoring.download": KEEP, "monitoring.monitor": KEEP, "monitoring.indicator": KEEP, "monitoring.compare": KEEP, "monitoring.export_figures": KEEP, "monitoring.export_list": KEEP,
    "api_authoring.get_draft": BY_OBJECT, "api_review.get_uses": "trla", "api_review.list_cases": "rla", "api_review.get_case": "trla",
    "review.next_case": "rla", "review.batch": "rla", "review.workload": KEEP,
    "review.rules": KEEP, "review.take_downs": "rla", "review.rechecks": "rla", "review.recheck": "rla", "review.withdrawal": "trla",
    "monitoring.coverage_map": KEEP, "monitoring.functions": KEEP, "monitoring.person_evidence": KEEP, "monitoring.resource_evidence": KEEP,
    "monitoring.export_person": KEEP, "monitoring.export_resource": KEEP,
    "monitoring.export_indicator": KEEP, "libraries.manage": KEEP, "knowledge.edit_point": KEEP,
    "api_bulk.list_table": KEEP, "api_bulk.get_action": KEEP, "bulk.first_library": KEEP, "bulk.library_resources": KEEP, "bulk.export_resources": KEEP, "bulk.action": KEEP,
    "bulk.history": KEEP, "bulk.new_import": KEEP, "bulk.template": KEEP, "bulk.faults": BY_OBJECT,
    "accounts.admin_users": ADMIN, "jobs.admin": ADMIN, "auditlog.admin": ADMIN,
    # Of a class only its teachers read anything, and of its learners' pages only its learners, whatever roles others hold.
    "classes.classes": TEACH, "classes.new_class": TEACH, "classes.list_template": TEACH, "classes.overview": "t", "classes.export_board": "t",
    "classes.settings": "t", "classes.people": "t", "classes.work": "t", "classes.announcements": "t", "classes.live": "t",
    "classes.sign_in_list": "t", "classes.sign_in_screen": "t", "classes.sign_in_now": "t", "classes.export_sign_in": "t",
    "classes.poll_screen": "t", "classes.poll_now": "t", "classes.use": "t", "classes.class_watching": "t", "classes.watching": TEACH,
    "classes.join": IN, "classes.my_classes": IN, "classes.my_class": "s", "classes.scanned": "s", "classes.class_now": "s", "classes.discussion": "st",
    "api_runs.list_runs": ALL, "api_runs.get_run": ALL, "api_runs.list_members": "t", "api_notes.list_notes": IN, "api_notes.get_note": BY_OBJECT,
    "api_classes.list_classes": IN, "api_classes.get_progress": "t",
    "discussion.questions": ALL, "discussion.thread": "stla", "discussion.history": TEACH, "discussion.my_questions": IN,
    "discussion.teach_questions": TEACH, "discussion.beside": IN, "notes.lesson_notes": ALL, "notes.my_notes": IN,
    "notes.export_notes": IN, "offline.service_worker": ALL, "offline.offline": ALL,
}  # fmt: skip

ACT = {
    "accounts.sign_in": ALL, "accounts.sign_up": ALL, "accounts.sign_out": ALL, "accounts.preferences_language": ALL,
    "guidance.plan": IN, "guidance.choices": IN, "guidance.own_data": IN, "guidance.decline": IN, "guidance.favourite": IN,
    "certificates.choose_name": "s", "certificates.revoke": KEEP, "certificates.reinstate": KEEP,
    "accounts.setup_password": BY_OBJECT,
    "api_feedback.rate": IN, "api_feedback.report": ALL, "feedback.report": ALL, "feedback.rate": IN, "feedback.answer": TEACH, "feedback.share": "s",
    "accounts.account": IN, "api_events.record": IN, "enrollment.enrol": IN, "enrollment.leave": IN, "progress.mark_done": IN, "progress.take_newest": IN,
    "progress.appeal_time": IN, "progress.decide_appeal": KEEP,
    "resources.new": TEACH, "resources.edit": TEACH, "resources.submit": TEACH, "resources.take_back": TEACH,
    "resources.revise": TEACH, "resources.restore_version": "tla",
    "resources.add_evidence": TEACH, "resources.remove_evidence": BY_OBJECT, "resources.add_captions": TEACH, "resources.withdraw": "trla", "resources.restore": "trla",
    "resources.answer_likeness": TEACH, "resources.keep_captions": TEACH, "resources.save_captions": TEACH,
    "resources.open_captions": TEACH, "resources.accept_captions": TEACH, "resources.remove_captions": TEACH,
    "resources.write_captions": TEACH, "resources.keep_player_choices": IN,
    "media_files.begin_upload": TEACH, "media_files.put_part": "t", "media_files.complete_upload": "t",
    "media_files.abort_upload": "t",
    "catalog.add_module": TEACH, "catalog.change_module": TEACH, "catalog.add_lesson": TEACH, "catalog.edit_promise": TEACH,
    "catalog.publish_course": TEACH, "catalog.publish_lesson": TEACH, "catalog.withdraw_lesson": TEACH,
    "catalog.rename_lesson": TEACH, "catalog.set_outline": TEACH, "catalog.save_standard": TEACH, "catalog.decide_standard": TEACH,
    "catalog.standard_case": "r", "catalog.change_team": TEACH, "catalog.set_completion": TEACH, "catalog.set_needs": TEACH,
    "catalog.set_lesson_needs": TEACH, "catalog.set_promise": TEACH, "catalog.withdraw_course": TEACH, "catalog.decide_withdrawal": TEACH,
    "catalog.runs": TEACH, "catalog.change_run": TEACH, "catalog.set_schedule": TEACH,
    "api_runs.create_run": TEACH, "api_runs.change_run": TEACH, "api_runs.set_schedule": TEACH, "api_runs.take_newest": TEACH,
    "api_runs.discard_run": TEACH, "api_notes.put_note": IN, "api_notes.remove_note": IN,
    "catalog.save_lesson": TEACH, "catalog.edit_lesson": TEACH, "catalog.move_lesson": TEACH, "catalog.add_item": TEACH,
    "catalog.change_item": TEACH, "catalog.undo_step": TEACH, "catalog.redo_step": TEACH, "catalog.sign_presence": TEACH,
    "catalog.keep_template": TEACH, "catalog.apply_template": TEACH, "catalog.remove_template": "t", "catalog.make_copy": TEACH, "catalog.hand_in": TEACH, "catalog.take_back": TEACH, "catalog.lesson_case": "r",
    "review.case": "r", "review.keep_opinion": "rla", "review.claim": "rla", "review.release": "rla", "review.set_flags": "rla", "review.batch": "rla",
    "review.name_reviewers": KEEP, "review.rules": KEEP, "review.take_down": "rla", "review.confirm": "rla", "review.lift": "rla",
    "api_review.decide": "rla", "api_review.take_down": "rla",
    "review.draw_sample": KEEP, "review.recheck": "rla", "review.withdrawal": "trla",
    "libraries.set_opening": KEEP, "libraries.add_major": KEEP, "libraries.set_naming": KEEP, "libraries.remove_major": KEEP, "libraries.add_unit": KEEP, "libraries.remove_unit": KEEP,
    "discovery.opened": ALL, "discovery.add_alias": KEEP,
    "knowledge.edit_point": KEEP, "knowledge.add_alias": KEEP, "knowledge.remove_alias": KEEP,
    "knowledge.add_prerequisite": KEEP, "knowledge.remove_prerequisite": KEEP,
    "knowledge.add_related": KEEP, "knowledge.remove_related": KEEP, "knowledge.place_point": KEEP, "knowledge.retire_point": KEEP,
    "knowledge.restore_point": KEEP, "knowledge.merge_point": KEEP, "knowledge.add_point": KEEP, "knowledge.draw_edge": KEEP,
    "knowledge.import_graph": KEEP, "knowledge.add_post": KEEP, "knowledge.change_post": BY_OBJECT,
    "monitoring.freeze_now": KEEP, "monitoring.choose_reading": KEEP, "monitoring.assign_plan": KEEP, "monitoring.drop_task": KEEP,
    "monitoring_handover.create": KEEP, "monitoring_handover.take_file": KEEP, "monitoring_handover.edit": KEEP, "monitoring_handover.remove": KEEP,
    "monitoring_rosters.check": KEEP, "monitoring_rosters.take": BY_OBJECT, "monitoring_rosters.drop": BY_OBJECT,
    "monitoring_rosters.decide": BY_OBJECT, "monitoring_rosters.accept": BY_OBJECT, "monitoring_rosters.again": BY_OBJECT,
    "monitoring_surveys.send": IN, "monitoring_surveys.set_plan": KEEP, "monitoring_surveys.hide": BY_OBJECT,
    "monitoring_alerts.look": KEEP, "monitoring_alerts.settle": BY_OBJECT,
    "monitoring_radar.look": KEEP, "monitoring_radar.take_standards": KEEP, "monitoring_radar.forget_standard": KEEP,
    "api_bulk.prepare": KEEP, "api_bulk.import_sheet": KEEP, "api_bulk.begin": KEEP, "api_bulk.undo": KEEP,
    "api_authoring.create_resource": TEACH, "api_authoring.change_draft": TEACH, "api_authoring.put_file": TEACH,
    "api_authoring.begin_revision": TEACH, "api_authoring.restore_version": TEACH, "api_review.submit": TEACH,
    "api_review.take_back": BY_OBJECT, "api_review.withdraw": "trla", "api_review.put_back": "trla",
    "api_resources.change_resource": TEACH, "bulk.prepare": KEEP, "bulk.begin": KEEP, "bulk.take_back": KEEP, "bulk.go_on": KEEP, "bulk.discard": KEEP,
    "bulk.new_import": KEEP,
    "resources.retry_processing": TEACH, "resources.cancel_processing": TEACH,
    "exchange.make": IN, "exchange.cancel": BY_OBJECT, "exchange.new_import": TEACH, "exchange.begin_import": TEACH, "exchange.undo_import": TEACH,
    "exchange.go_on_import": TEACH, "exchange.discard_import": TEACH,
    "accounts.admin_users": ADMIN, "accounts.unlock": ADMIN, "jobs.cancel": ADMIN, "jobs.retry": ADMIN,
    "classes.new_class": TEACH, "classes.settings": "t", "classes.end_class": "t", "classes.change_code": "t", "classes.add_person": "t",
    "classes.change_person": "t", "classes.split_groups": "t", "classes.check_list": "t", "classes.take_list": "t", "classes.work": "t",
    "classes.drop_due": "t", "classes.announcements": "t", "classes.withdraw_announcement": "t", "classes.open_sign_in": "t",
    "classes.close_sign_in": "t", "classes.correct_sign_in": "t", "classes.ask": "t", "classes.change_poll": "t",
    "classes.join": IN, "classes.sign_in": "s", "classes.answer_poll": "s", "classes.read_announcement": "s",
    "classes.withdraw_from_class": "s", "classes.say": "st",
    "discussion.ask": IN, "discussion.reply": "stla", "discussion.act_on_message": "stla", "notes.write_note": IN,
    "notes.keep_note": IN, "notes.change_note": IN, "notes.set_bookmark": IN, "notes.delete_bookmark": IN,
}  # fmt: skip

# Past the guard, there is nothing of the kind: an empty form names no major, no unit, no alias, no point, no item.
MAY_BE_MISSING = frozenset({
    "resources.retry_processing", "resources.cancel_processing",
    "libraries.add_major", "libraries.remove_major", "libraries.add_unit", "libraries.remove_unit", "knowledge.remove_alias",
    "discovery.add_alias",
    "review.draw_sample",
    "knowledge.add_prerequisite", "knowledge.remove_prerequisite", "knowledge.add_related", "knowledge.remove_related",
    "knowledge.restore_point", "knowledge.merge_point", "catalog.move_lesson", "catalog.add_item",
    "catalog.apply_template", "catalog.make_copy",
    "catalog.change_item", "monitoring.freeze_now", "monitoring.choose_reading", "bulk.discard",
    "catalog.change_team", "catalog.set_lesson_needs", "monitoring.what_if", "monitoring.assign_plan", "monitoring.drop_task",
    "monitoring.person_evidence", "monitoring.resource_evidence", "monitoring.export_person", "monitoring.export_resource",
    "monitoring_rosters.check", "monitoring_handover.create", "monitoring_handover.take_file", "monitoring_handover.remove", "progress.take_newest", "monitoring_radar.look", "monitoring_radar.take_standards",
    "monitoring_radar.forget_standard",
    "progress.appeal_time", "progress.decide_appeal",
    "certificates.choose_name",
    "classes.end_class", "classes.change_poll", "classes.join", "api_runs.discard_run",
})  # fmt: skip


def endpoints(app: Flask, *, reading: bool) -> Iterator[tuple[Rule, str]]:
    """Every rule with a method: GET, or those that change something."""
    # What takes something away comes last: the others need it.
    for rule in sorted(
        app.url_map.iter_rules(),
        key=lambda r: ("withdraw" in r.endpoint or "discard" in r.endpoint, r.endpoint, r.rule),
    ):
        for method in sorted((rule.methods or set()) - {"HEAD", "OPTIONS"}):
            if (method == "GET") == reading:
                yield rule, method


@pytest.fixture
def site(made_once: MadeOnce) -> Site:
    made: Site = made_once(make_site)
    return made


@pytest.mark.parametrize(("table", "reading"), [(READ, True), (ACT, False)], ids=["read", "act"])
def test_every_endpoint_is_listed_and_nothing_else(app: Flask, table: dict[str, str], reading: bool) -> None:
    known = {rule.endpoint for rule, _method in endpoints(app, reading=reading)}
    assert known - set(table) == set(), "say who may"
    assert set(table) - known == set(), "these are gone"


@pytest.mark.parametrize(("table", "reading"), [(READ, True), (ACT, False)], ids=["read", "act"])
def test_every_role_gets_what_the_matrix_says(app: Flask, site: Site, table: dict[str, str], reading: bool) -> None:
    wrong = []
    clients = {letter: app.test_client() for letter in LETTERS}
    for rule, method in endpoints(app, reading=reading):
        may = table.get(rule.endpoint, BY_OBJECT)
        if may == BY_OBJECT:
            continue
        address = site.address(app, rule, method)
        for letter in sorted(LETTERS, key=lambda one: one in may):  # those who may come last: acts change the site
            found = ask(clients[letter], site.people[letter], address, method)
            if not is_right(found, letter in may, rule.endpoint):
                wrong.append(f"{LETTERS[letter]}: {method} {rule.rule} answered {found}")
    assert wrong == []


def ask(client: Any, person: User | None, address: str, method: str) -> int | str:
    """The status, or "sign-in" when that is where the person is sent."""
    if person is not None and not (method == "GET" and client.get_cookie("session")):  # acts may end a session
        client.sign_in(person)
    answer = client.open(address, method=method)
    is_sent = (answer.location or "").startswith("/sign-in")
    return "sign-in" if is_sent else int(answer.status_code)


def is_right(found: int | str, may: bool, endpoint: str) -> bool:
    """Let in: an answer, a redirect, or words about the form; 503 while no worker runs. Else: sent away or refused."""
    if not may:
        return found in ("sign-in", 401, 403, 404)
    allowed = {200, 201, 204, 302, 303, 400, 409, 422, 503} | ({404} if endpoint in MAY_BE_MISSING else set())
    return found in allowed
