"""From the many ways an S3 server says no to the few that matter to us."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from email.utils import parsedate_to_datetime

from minio import time as minio_time
from minio.error import InvalidResponseError, S3Error, ServerError
from urllib3.exceptions import HTTPError

from media.errors import MediaError, ObjectNotFound, RangeNotSatisfiable, StoreUnavailable, UploadInvalid

_CREDENTIALS = {"AccessDenied", "SignatureDoesNotMatch", "InvalidAccessKeyId", "AllAccessDisabled"}
SKEW = timedelta(minutes=5)
_MISSING = {"NoSuchKey", "NoSuchObject", "ResourceNotFound"}


@contextmanager
def translated(bucket: str, key: str = "") -> Iterator[None]:
    """Raises our StoreUnavailable, ObjectNotFound, UploadInvalid… in place of the SDK's errors."""
    try:
        yield
    except S3Error as error:
        raise _translate(error, bucket, key) from error
    except (ServerError, InvalidResponseError, HTTPError, OSError) as error:
        raise StoreUnavailable("store_unreachable") from error


def _translate(error: S3Error, bucket: str, key: str) -> MediaError:
    code = str(error.code)
    if code in _MISSING:
        return ObjectNotFound(key=key)
    if code in _CREDENTIALS:
        return StoreUnavailable("store_clock_skew" if _is_skewed(error) else "store_credentials")
    return _by_code(code, bucket)


def _is_skewed(error: S3Error) -> bool:
    """Whether our clock is the reason: SeaweedFS calls a signature from another time a wrong one."""
    try:
        theirs = parsedate_to_datetime(error.response.headers["Date"])
    except (AttributeError, KeyError, TypeError, ValueError):
        return False
    ours = minio_time.utcnow()
    return abs(ours - (theirs if ours.tzinfo else theirs.replace(tzinfo=None))) > SKEW


def _by_code(code: str, bucket: str) -> MediaError:
    match code:
        case "NoSuchBucket":
            return StoreUnavailable("bucket_missing", bucket=bucket)
        case "AuthorizationHeaderMalformed" | "PermanentRedirect" | "IllegalLocationConstraintException":
            return StoreUnavailable("store_region")
        case "SecondLevelDomainForbidden":
            return StoreUnavailable("store_virtual_host")
        case "RequestTimeTooSkewed" | "RequestExpired":
            return StoreUnavailable("store_clock_skew")
        case "InvalidRange":
            return RangeNotSatisfiable(size="?", start="?")
        case "NoSuchUpload":
            return UploadInvalid("upload_not_found")
        case "InvalidPart" | "InvalidPartOrder":
            return UploadInvalid("part_mismatch", num="?")
        case "EntityTooSmall":
            return UploadInvalid("part_too_small", num="?")
        case _:
            return StoreUnavailable("store_unreachable")
