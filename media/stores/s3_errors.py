"""From the many ways an S3 server says no to the few that matter to us."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from minio.error import InvalidResponseError, S3Error, ServerError
from urllib3.exceptions import HTTPError

from media.errors import MediaError, ObjectNotFound, RangeNotSatisfiable, StoreUnavailable, UploadInvalid

_CREDENTIALS = {"AccessDenied", "SignatureDoesNotMatch", "InvalidAccessKeyId", "AllAccessDisabled"}
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
        return StoreUnavailable("store_credentials")
    return _by_code(code, bucket)


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
