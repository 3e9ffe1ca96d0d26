"""Mail: one .eml per day, the same bytes whenever it is made from the same digest, kept in the outbox and sent from there."""

from __future__ import annotations

import hashlib
import smtplib
import ssl
from dataclasses import dataclass
from datetime import UTC, date, datetime
from email import message_from_bytes, policy
from email.headerregistry import Address
from email.message import EmailMessage
from email.utils import format_datetime
from pathlib import Path
from typing import Any, cast

import polars as pl

from pipeline.digest.digest import Digest
from pipeline.io.home import Home, HomeError, read_parquet, write_bytes, write_parquet
from pipeline.io.settings import Settings
from pipeline.table import Column, Table

TIMEOUT_S = 30
MAP_CID = "map@skytrunk"
# Keyword of a mail that is no edition, and end of its name where it lies beside one.
NOTICE = "notice"

TABLE = Table(
    "meta.delivery",
    "one row per day, mail and recipient; a mail that waits in the outbox has one row in all",
    (
        Column("day", "day", "UTC date", "Day of the digest", key=True),
        Column("delivery_id", "text", "", "Hash of the mail and its recipient (addresses are not stored)", key=True),
        Column("delivery", "delivery", "", "What became of the mail"),
        Column("message_id", "text", "", "Message-ID, made from the day and the content"),
        Column("recipient_count", "integer", "", "Recipients that the row stands for", 0),
        Column("size_bytes", "integer", "bytes", "Size of the mail", 0),
        Column("message", "text", "", "Why the mail stays in the outbox; empty when it was sent"),
    ),
)


class MailError(RuntimeError):
    """The mail cannot be made or sent. The .eml stays in the outbox; the message says what to do."""


@dataclass(frozen=True)
class Delivery:
    """What became of a mail: `outcome` sent or outbox, how many got it now, how many had it before, and why it waits."""

    outcome: str
    sent_count: int = 0
    earlier_count: int = 0
    message: str = ""


def build(digest: Digest, text: str, html: str, png: bytes | None, settings: Settings, date: datetime) -> bytes:
    """Return the mail of a digest as it is sent: text, HTML and the inline map (content id MAP_CID; None: no map).

    `date` goes into the Date header (UTC; naive is UTC). Raises MailError when an address in the settings cannot be used.
    """
    sender = address(settings.mail_from, "SKYTRUNK_MAIL_FROM")
    recipients = [address(item, "SKYTRUNK_MAIL_TO") for item in settings.mail_to]
    leave = address(unsubscribe_address(settings), "SKYTRUNK_UNSUBSCRIBE")
    identity = _identity(digest, text, html, png)
    mail = EmailMessage(policy=policy.SMTP)
    mail["Message-ID"] = f"<{digest.day.isoformat()}.{identity}@{sender.rpartition('@')[2]}>"
    mail["Subject"] = " ".join(digest.subject.split())
    mail["From"] = Address("Skytrunk", addr_spec=sender)
    mail["To"] = Address(addr_spec=recipients[0]) if len(recipients) == 1 else "undisclosed-recipients:;"
    mail["Date"] = format_datetime(date.replace(tzinfo=date.tzinfo or UTC))
    mail["List-Id"] = f"Skytrunk <skytrunk.{sender.rpartition('@')[2]}>"
    mail["List-Unsubscribe"] = f"<mailto:{leave}?subject=unsubscribe>"
    mail["Auto-Submitted"] = "auto-generated"
    if digest.withheld:
        mail["Keywords"] = NOTICE
    mail.set_content(text, cte="quoted-printable")
    mail.add_alternative(html, subtype="html", cte="quoted-printable")
    if png:
        part = cast(EmailMessage, mail.get_payload(1))
        part.add_related(png, "image", "png", cid=f"<{MAP_CID}>", filename="map.png", disposition="inline")
    _fix_boundaries(mail, identity)
    return mail.as_bytes()


def write(home: Home, day: date, content: bytes, *, beside: bool = False) -> Path:
    """Write the mail of a day to the outbox, or a notice beside it; return its path. Raises HomeError when it cannot."""
    path = home.mail(day)
    return write_bytes(path.with_stem(f"{path.stem}-{NOTICE}") if beside else path, content)


def is_notice(path: Path) -> bool:
    """Whether a mail in the outbox is a notice. Raises HomeError when there is no such mail."""
    return _parsed(_read(path)[1])["Keywords"] == NOTICE


def send(settings: Settings, path: Path, *, force: bool = False) -> Delivery:
    """Send a mail of the outbox to the recipients who have not had this very mail, and record what became of it.

    Offline, or without a server or a recipient in the settings, the mail stays in the outbox, which is no error. `force`
    sends it again.
    Raises MailError, in one sentence, when the server cannot be reached, trusted or signed in to, or takes no recipient;
    HomeError when there is no such mail.
    """
    day, content = _read(path)
    record = _Record(settings, day, str(_parsed(content)["Message-ID"]), len(content))
    recipients = list(dict.fromkeys(address(item, "SKYTRUNK_MAIL_TO") for item in settings.mail_to))
    waiting = recipients if force else [item for item in recipients if not record.has(item)]
    if recipients and not waiting:
        return Delivery("sent", 0, len(recipients))
    if held := _held(settings):
        return record.waits(held)
    try:
        refused = _transmit(settings, waiting, content)
    except MailError as error:
        record.waits(str(error))
        raise
    record.sent([item for item in waiting if item not in refused])
    if refused:
        message = f"{_server(settings)} refused {len(refused)} of {len(waiting)} recipients: correct SKYTRUNK_MAIL_TO"
        record.waits(message)
        raise MailError(f"the mail of {day}: {message}")
    return Delivery("sent", len(waiting), len(recipients) - len(waiting))


def unsubscribe_address(settings: Settings) -> str:
    """Address that takes people off the list: SKYTRUNK_UNSUBSCRIBE (an address, or mailto:address), else the sender's."""
    return settings.unsubscribe.removeprefix("mailto:").partition("?")[0] or settings.mail_from


def address(text: str, setting: str) -> str:
    """Return `text` as one plain mail address. Raises MailError, naming `setting`, when it is none."""
    try:
        found = Address(addr_spec=text.strip())
        if text.strip().isascii() and found.domain and not any(c.isspace() or ord(c) < 32 for c in found.addr_spec):
            return found.addr_spec
    except (ValueError, IndexError, AttributeError):
        pass
    raise MailError(f"{setting} holds {text!r}, which is not a mail address: write it as name@example.org")


def _identity(digest: Digest, text: str, html: str, png: bytes | None) -> str:
    """Hash of what the mail says, whoever it goes to and whenever."""
    content = hashlib.sha256()
    for part in (digest.subject.encode(), text.encode(), html.encode(), png or b""):
        content.update(hashlib.sha256(part).digest())
    return content.hexdigest()[:32]


def _fix_boundaries(mail: EmailMessage, seed: str) -> None:
    for number, part in enumerate(part for part in mail.walk() if part.is_multipart()):
        part.set_boundary(f"=_{number}_{seed}")


def _read(path: Path) -> tuple[date, bytes]:
    day = path.stem.removesuffix(f"-{NOTICE}")
    try:
        return date.fromisoformat(day), path.read_bytes()
    except (OSError, ValueError) as error:
        raise HomeError(f"there is no mail {path}: run `skytrunk digest {day}` first") from error


def _parsed(content: bytes) -> EmailMessage:
    return cast(EmailMessage, message_from_bytes(content, policy=policy.SMTP))


def _held(settings: Settings) -> str:
    """Why no mail leaves the outbox with these settings; empty where it may."""
    if settings.offline:
        return "offline: no network is used, run `skytrunk send` online"
    if not settings.smtp_host:
        return "SKYTRUNK_SMTP_HOST is not set"
    return "" if settings.mail_to else "SKYTRUNK_MAIL_TO is not set"


def _server(settings: Settings) -> str:
    return f"{settings.smtp_host}:{settings.smtp_port}"


def _transmit(settings: Settings, recipients: list[str], content: bytes) -> dict[str, Any]:
    """Hand the very bytes of the .eml to the server; return the recipients it refused."""
    server, sender = _server(settings), address(settings.mail_from, "SKYTRUNK_MAIL_FROM")
    try:
        with smtplib.SMTP(settings.smtp_host, settings.smtp_port, timeout=TIMEOUT_S) as smtp:
            _secure(smtp, settings)
            _sign_in(smtp, settings)
            return smtp.sendmail(sender, recipients, content)
    except ssl.SSLError as error:
        raise MailError(
            f"the certificate of {server} is not trusted ({_reason(error)}): set SKYTRUNK_SMTP_CA_FILE or correct the host name"
        ) from error
    except smtplib.SMTPRecipientsRefused as error:
        return error.recipients
    except smtplib.SMTPResponseException as error:
        words = _reason(error)
        raise MailError(
            f"{server} refused the mail ({words}): the mail waits in the outbox, correct SKYTRUNK_MAIL_FROM or ask its operator"
        ) from error
    except (smtplib.SMTPException, OSError, UnicodeError) as error:
        # UnicodeError: a host name that cannot be one.
        raise MailError(
            f"{server} cannot be reached ({_reason(error)}): the mail waits in the outbox, run `skytrunk send` again"
        ) from error


def _secure(smtp: smtplib.SMTP, settings: Settings) -> None:
    if not settings.smtp_starttls:
        return
    smtp.ehlo()
    if not smtp.has_extn("starttls"):
        raise MailError(
            f"{_server(settings)} does not offer STARTTLS and nothing is sent in clear: use another port, or set SKYTRUNK_SMTP_STARTTLS=0"
        )
    try:
        context = ssl.create_default_context(cafile=settings.smtp_ca_file or None)
    except OSError as error:
        raise MailError(
            f"SKYTRUNK_SMTP_CA_FILE={settings.smtp_ca_file} cannot be read: name a file of PEM certificates"
        ) from error
    smtp.starttls(context=context)


def _sign_in(smtp: smtplib.SMTP, settings: Settings) -> None:
    if not settings.smtp_user:
        return
    if not settings.smtp_starttls:
        raise MailError(
            "a password is never sent in clear: set SKYTRUNK_SMTP_STARTTLS=1, or leave SKYTRUNK_SMTP_USER empty"
        )
    if not (settings.smtp_user + settings.smtp_password).isascii():
        # Checked here, since the error of the encoder holds what it could not encode.
        raise MailError(
            "SKYTRUNK_SMTP_USER or SKYTRUNK_SMTP_PASSWORD has a character outside ASCII, which cannot be sent: set another password"
        )
    try:
        smtp.login(settings.smtp_user, settings.smtp_password)
    except smtplib.SMTPAuthenticationError as error:
        # The server's words are left out: some repeat what they were told.
        raise MailError(
            f"{_server(settings)} does not accept the name and password (code {error.smtp_code}): check SKYTRUNK_SMTP_USER and SKYTRUNK_SMTP_PASSWORD"
        ) from error
    except smtplib.SMTPNotSupportedError as error:
        raise MailError(
            f"{_server(settings)} knows no sign-in: leave SKYTRUNK_SMTP_USER empty or use another server"
        ) from error


def _reason(error: Exception) -> str:
    if isinstance(error, smtplib.SMTPResponseException):
        words = (
            error.smtp_error.decode("utf-8", "replace")
            if isinstance(error.smtp_error, bytes)
            else str(error.smtp_error)
        )
        return f"{error.smtp_code} {' '.join(words.split())[:120]}"
    if isinstance(error, ssl.SSLCertVerificationError):
        return error.verify_message
    return str(getattr(error, "strerror", None) or error or type(error).__name__)


@dataclass(frozen=True)
class _Record:
    """The delivery record of one mail, kept as the day's file of TABLE. Writing the same again changes nothing."""

    settings: Settings
    day: date
    message_id: str
    size_bytes: int

    @property
    def path(self) -> Path:
        return Home(self.settings.home).table(TABLE, self.day)

    def rows(self) -> pl.DataFrame:
        return TABLE.conform(read_parquet(self.path)) if self.path.exists() else TABLE.empty()

    def identity(self, recipient: str) -> str:
        return hashlib.sha256(f"{self.message_id}\n{recipient}".encode()).hexdigest()[:32]

    def has(self, recipient: str) -> bool:
        identity = self.identity(recipient)
        return not self.rows().filter((pl.col("delivery_id") == identity) & (pl.col("delivery") == "sent")).is_empty()

    def sent(self, recipients: list[str]) -> None:
        waiting = pl.col("delivery_id") == self.identity("")
        self._add([self._row(self.identity(item), "sent", 1, "") for item in recipients], self.rows().filter(~waiting))

    def waits(self, why: str) -> Delivery:
        row = self._row(self.identity(""), "outbox", len(self.settings.mail_to), " ".join(why.split()))
        self._add([row], self.rows())
        return Delivery("outbox", message=why)

    def _row(self, identity: str, outcome: str, recipients: int, why: str) -> dict[str, object]:
        return {
            "day": self.day, "delivery_id": identity, "delivery": outcome, "message_id": self.message_id,
            "recipient_count": recipients, "size_bytes": self.size_bytes, "message": why,
        }  # fmt: skip

    def _add(self, rows: list[dict[str, object]], earlier: pl.DataFrame) -> None:
        frame = pl.concat([earlier, pl.DataFrame(rows, schema=TABLE.polars_schema)])
        write_parquet(self.path, TABLE.conform(frame.unique("delivery_id", keep="last")))
