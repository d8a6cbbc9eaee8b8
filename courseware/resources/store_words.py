"""What an examination of the store found, in sentences that say what to do."""

from __future__ import annotations

from typing import Any

from flask_babel import lazy_gettext as _l

from courseware.resources.reasons import sentence
from media.stores.examining import Found

ABOUT: dict[str, Any] = {
    "settings": _l("Settings"),
    "place": _l("Settings and the last move"),
    "folder": _l("Folder"),
    "work": _l("Work folder"),
    "store disk": _l("Disk of the store"),
    "work disk": _l("Disk of the work folder"),
    "endpoint": _l("Service"),
    "tls": _l("Encryption"),
    "clock": _l("Clock"),
    "credentials": _l("Access key"),
    "bucket": _l("Bucket"),
    "objects": _l("Writing and reading"),
    "parts": _l("Uploads in parts"),
    "public address": _l("Address for browsers"),
    "browsers": _l("Access from pages (CORS)"),
}

REMEDIES: dict[str, Any] = {
    "store_unreachable": _l("It does not answer as an S3 service does. Is this the right port, and is it running?"),
    "store_credentials": _l(
        "The access key or secret is refused, or may not do this. Check S3_ACCESS_KEY, S3_SECRET_KEY and the rights of the key on this bucket."
    ),
    "store_clock_skew": _l("The clocks differ by more than the service accepts. Set both by NTP."),
    "store_region": _l("The bucket lies in another region than %(region)s. Set S3_REGION to the bucket's own."),
    "store_virtual_host": _l("This service wants the bucket in the host name. Set S3_VIRTUAL_HOST=on."),
    "store_settings": _l("The settings cannot work: %(reason)s."),
    "bucket_missing": _l("There is no bucket %(bucket)s. Make it, or set S3_BUCKET to the one you have."),
    "store_moved": _l(
        "The library was moved to %(place)s, and the settings name another place. Set the S3 settings of that place again."
    ),
    "store_differs": _l(
        "The library was moved; its files are in the %(kind)s store, and Keku uses it. Set KEKU_STORE=%(kind)s so that the settings say so too."
    ),
    "folder_not_writable": _l("Nothing can be written to %(folder)s. Give it to the account that runs Keku."),
    "disk_full": _l("The disk is full. Make room; nothing can be uploaded until then."),
    "disk_nearly_full": _l(
        "Only %(free)s are free at %(folder)s. Make room before the disk is full; videos need three times their size."
    ),
    "other_file_system": _l(
        "%(work)s and %(store)s lie on different disks. That works; both need room for the largest video."
    ),
    "endpoint_unknown": _l("The name %(host)s is not known here. Check S3_ENDPOINT and the name service."),
    "endpoint_silent": _l(
        "Nobody answers at %(host)s, port %(port)s. Is the service running, and does a firewall let this machine through?"
    ),
    "tls_not_spoken": _l(
        "Settings ask for https, but %(host)s, port %(port)s, speaks http. Set S3_SECURE=off, or use the port for https."
    ),
    "tls_expected": _l("Settings ask for http, but %(host)s, port %(port)s, speaks https. Set S3_SECURE=on."),
    "tls_certificate": _l(
        "The certificate of %(host)s is not trusted: %(reason)s. Use one of a known authority, with this name."
    ),
    "clock_unknown": _l("The service does not tell the time, so the clocks could not be compared."),
    "clock_refused": _l("The clocks differ by %(seconds)s seconds, and requests are refused. Set both by NTP."),
    "clock_differs": _l(
        "The clocks differ by %(seconds)s seconds. Addresses of video segments live 40 seconds: set both clocks by NTP."
    ),
    "copy_differs": _l("What was written came back changed (%(key)s). Look at disk and network before anything else."),
    "parts_not_listed": _l("The service does not list the parts of an upload; interrupted uploads could not go on."),
    "public_silent": _l(
        "%(address)s does not answer from here. If browsers reach it all the same, nothing has to be done; else check S3_PUBLIC_ENDPOINT."
    ),
    "public_refuses": _l(
        "%(address)s refuses an address that was signed for it (%(status)s). A proxy in between must pass on the host name unchanged."
    ),
    "cors_unknown": _l("Set KEKU_PUBLIC_URL, and access from pages can be checked."),
    "cors_refused": _l(
        "The bucket does not allow %(method)s from pages of %(origin)s. Add a CORS rule: this origin, methods GET, HEAD and PUT, all headers."
    ),
}


def sentence_of_finding(found: Found) -> str:
    """What to do, or "good"."""
    if not found.code:
        return str(_l("good"))
    if found.code not in REMEDIES:
        return sentence(found.code, found.params)
    return str(REMEDIES[found.code]) % {"reason": "", **found.params}
