"""Sends one letter over SMTP. Plain text, one receiver; who writes to whom is decided above."""

from __future__ import annotations

import smtplib
import ssl
from dataclasses import dataclass
from email.message import EmailMessage
from email.utils import formatdate, make_msgid, parseaddr

from flask_babel import lazy_gettext as _l

from courseware.core.errors import DomainError
from courseware.core.settings import Settings

TIMEOUT_S = 30


class MailRefused(DomainError):
    """The mail server says no for good: a wrong address, a wrong password, a sender it does not take."""

    status = 502
    code = "mail_refused"
    message = _l("The mail server does not take this letter: %(detail)s")


class MailWaits(MailRefused):
    """The mail server does not answer or asks to come back: this may pass by itself."""

    code = "mail_waits"
    is_passing = True


@dataclass(frozen=True, slots=True)
class Letter:
    """What is sent. `key` makes the Message-ID, so that a letter sent twice by a crash is the same letter to a mailbox."""

    to: str
    subject: str
    text: str
    key: str


def is_on(settings: Settings) -> bool:
    """Whether this site has a mail server."""
    return bool(settings.smtp_host)


def send(settings: Settings, letter: Letter) -> None:
    """Hands `letter` to the mail server. Raises MailWaits for what may pass, MailRefused for what will not."""
    message = _message(settings, letter)
    try:
        with _server(settings) as server:
            server.send_message(message)
    except smtplib.SMTPRecipientsRefused as refused:
        code, words = next(iter(refused.recipients.values()))
        raise _refusal(code, words) from refused
    except smtplib.SMTPResponseException as refused:
        raise _refusal(refused.smtp_code, refused.smtp_error) from refused
    except (smtplib.SMTPNotSupportedError, ssl.SSLCertVerificationError) as refused:
        raise MailRefused(detail=str(refused)) from refused
    except (OSError, smtplib.SMTPException) as silence:
        raise MailWaits(detail=str(silence)) from silence


def _message(settings: Settings, letter: Letter) -> EmailMessage:
    message = EmailMessage()
    message["From"], message["To"] = settings.mail_from, letter.to
    message["Subject"] = " ".join(letter.subject.split())
    message["Date"] = formatdate(localtime=False)
    domain = parseaddr(settings.mail_from)[1].rpartition("@")[2]
    message["Message-ID"] = f"<{letter.key}@{domain}>" if letter.key else make_msgid(domain=domain)
    message["Auto-Submitted"] = "auto-generated"  # no out-of-office answers, please
    message.set_content(letter.text)
    return message


def _server(settings: Settings) -> smtplib.SMTP:
    """A connection, encrypted and signed in as the settings say."""
    context, where = ssl.create_default_context(), (settings.smtp_host, int(settings.smtp_port))
    if settings.smtp_security == "tls":
        server: smtplib.SMTP = smtplib.SMTP_SSL(*where, timeout=TIMEOUT_S, context=context)
    else:
        server = smtplib.SMTP(*where, timeout=TIMEOUT_S)
    try:
        if settings.smtp_security == "starttls":
            server.starttls(context=context)
        if settings.smtp_user:
            server.login(settings.smtp_user, settings.smtp_password)
    except BaseException:
        server.close()
        raise
    return server


def _refusal(code: int, words: bytes | str) -> MailRefused:
    text = words.decode(errors="replace") if isinstance(words, bytes) else words
    return (MailWaits if 400 <= code < 500 else MailRefused)(detail=f"{code} {text}"[:300])
