"""Resources from a sheet: every row is checked first, then the good ones are written and the bad ones named.

A row is the same resource as before when its `external_id` is known; then what describes it follows the sheet, and
content that differs is named as a problem: reviewed content changes by a revision only.

For a library that moves here (`publish`), what the old system did not know is no reason to leave a resource behind:
a missing course, point or licence is a warning, and Monitor lists it (M16). What is stated must be right, though: an
unknown course, point or major is a problem. Who is named as author and has no account gets one that nobody can sign in
to, not verified and so in no figure of people.

`words`: how sheets write. `reading`: rows understood and checked, with `files`, `moments`, `authors` and what is `stored`
already. `writing`: the good rows become resources.
"""

from __future__ import annotations

from courseware.resources.importing.drafts import Draft
from courseware.resources.importing.files import FilesBeside
from courseware.resources.importing.reading import Reading, check_rows
from courseware.resources.importing.stored import changes, would
from courseware.resources.importing.words import COLUMNS
from courseware.resources.importing.writing import ResourceReport, Writing, import_resources

__all__ = [
    "COLUMNS", "Draft", "FilesBeside", "Reading", "ResourceReport", "Writing", "changes", "check_rows",
    "import_resources", "would",
]  # fmt: skip
