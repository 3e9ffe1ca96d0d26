"""The mail as bytes, and its way through a real SMTP server on loopback with STARTTLS and AUTH."""

from __future__ import annotations

import ipaddress
import ssl
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import AuthResult, Envelope, LoginPassword
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from pipeline.digest import html
from pipeline.digest.digest import Digest, compose, compose_notice
from pipeline.digest.text import text
from pipeline.io import mail
from pipeline.io.home import Home, HomeError
from pipeline.io.settings import Settings
from tests.digest import rows

PNG = b"\x89PNG\r\n\x1a\n" + bytes(range(256)) * 40
DATE = datetime(2026, 8, 17, 18, 57)
USER, PASSWORD = "skytrunk", "correct horse battery"
DIGEST = compose(rows.rows(), rows.DAY, rows.SOURCES)


def built(settings: Settings, digest: Digest = DIGEST, png: bytes | None = PNG) -> bytes:
    body = html.mail_html(digest, mail.MAP_CID if png else "", rows.templates(), "", mail.unsubscribe_address(settings))
    return mail.build(digest, text(digest), body, png, settings, DATE)


def parsed(content: bytes) -> EmailMessage:
    return message_from_bytes(content, policy=policy.SMTP)  # type: ignore[return-value]


def deliveries(settings: Settings) -> pl.DataFrame:
    return pl.read_parquet(Home(settings.home).table(mail.TABLE, rows.DAY))


@dataclass
class Inbox:
    """What the server was handed."""

    received: list[Envelope] = field(default_factory=list)
    refused: str = ""

    async def handle_RCPT(self, server: Any, session: Any, envelope: Envelope, address: str, options: Any) -> str:
        if address == self.refused:
            return "550 no such person"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: Any, session: Any, envelope: Envelope) -> str:
        self.received.append(envelope)
        return "250 taken"


class Loopback(Controller):
    """aiosmtpd's controller on a port that the system picks."""

    def _trigger_server(self) -> None:
        self.port = self.server.sockets[0].getsockname()[1]
        super()._trigger_server()


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """Certificate and key for 127.0.0.1, signed by itself."""
    folder, key = tmp_path_factory.mktemp("certificate"), ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "loopback")])
    now = datetime.now(UTC)
    names = x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))])
    made = (
        x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(key.public_key())
        .serial_number(x509.random_serial_number()).not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1)).add_extension(names, critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True).sign(key, hashes.SHA256())
    )  # fmt: skip
    paths = (folder / "certificate.pem", folder / "key.pem")
    paths[0].write_bytes(made.public_bytes(serialization.Encoding.PEM))
    encoding, form = serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8
    paths[1].write_bytes(key.private_bytes(encoding, form, serialization.NoEncryption()))
    return paths


Serve = Callable[..., tuple[Inbox, Settings]]


@pytest.fixture
def serve(tmp_path: Path, certificate: tuple[Path, Path]) -> Iterator[Serve]:
    """Start a server; return its inbox and the settings that reach it. `starttls` and `auth` as the server offers them."""
    running: list[Controller] = []

    def start(*, starttls: bool = True, auth: bool = True, refused: str = "", **changes: Any) -> tuple[Inbox, Settings]:
        inbox, options = Inbox(refused=refused), {}
        if starttls:
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            context.load_cert_chain(*certificate)
            options |= {"tls_context": context, "require_starttls": True}
        if auth:
            options |= {"authenticator": check, "auth_required": True, "auth_require_tls": starttls}
        controller = Loopback(inbox, hostname="127.0.0.1", port=0, **options)
        controller.start()
        running.append(controller)
        settings = {
            "home": tmp_path, "smtp_host": "127.0.0.1", "smtp_port": controller.port, "smtp_user": USER,
            "smtp_password": PASSWORD, "smtp_ca_file": str(certificate[0]), "mail_from": "digest@example.org",
            "mail_to": ("reader@example.org",), **changes,
        }  # fmt: skip
        return inbox, Settings(**settings)

    yield start
    for controller in running:
        controller.stop()


def check(server: Any, session: Any, envelope: Any, mechanism: str, data: Any) -> AuthResult:
    good = isinstance(data, LoginPassword) and (data.login, data.password) == (USER.encode(), PASSWORD.encode())
    return AuthResult(success=good, handled=False)


def outbox(settings: Settings, content: bytes | None = None) -> Path:
    return mail.write(Home(settings.home), rows.DAY, content or built(settings))


def test_mail_has_text_html_and_one_inline_picture() -> None:
    message = parsed(built(Settings(mail_to=("reader@example.org",))))
    kinds = [part.get_content_type() for part in message.walk()]
    assert kinds == ["multipart/alternative", "text/plain", "multipart/related", "text/html", "image/png"]
    *_, body, picture = message.walk()
    assert picture.get_payload(decode=True) == PNG
    assert picture["Content-ID"] == f"<{mail.MAP_CID}>"
    assert picture.get_content_disposition() == "inline"
    assert f"cid:{mail.MAP_CID}" in body.get_content()


def test_text_and_html_survive_the_way() -> None:
    message = parsed(built(Settings()))
    plain = message.get_body(("plain",))
    assert plain is not None
    assert plain.get_content().replace("\r\n", "\n") == text(DIGEST)


def test_notice_needs_no_picture() -> None:
    notice = compose_notice(rows.DAY, "the catalog is 5 days old", rows.BEFORE)
    message = parsed(built(Settings(), notice, None))
    assert [part.get_content_type() for part in message.walk()] == ["multipart/alternative", "text/plain", "text/html"]
    assert message["Subject"] == "Withheld: Skytrunk 17 August 2026"


def test_same_digest_gives_the_same_bytes() -> None:
    assert built(Settings()) == built(Settings())


def test_message_id_follows_the_content_not_the_reader() -> None:
    first, second = (parsed(built(Settings(mail_to=(to,))))["Message-ID"] for to in ("a@example.org", "b@example.org"))
    other = parsed(built(Settings(), compose(rows.rows(first=True), rows.DAY, rows.SOURCES)))["Message-ID"]
    assert first == second != other
    assert first.startswith("<2026-08-17.")


def test_date_is_the_one_that_is_given() -> None:
    assert parsed(built(Settings()))["Date"].datetime == DATE.replace(tzinfo=UTC)


@pytest.mark.parametrize(
    "setting", ["leave@example.org", "mailto:leave@example.org", "mailto:leave@example.org?subject=x"]
)
def test_list_unsubscribe(setting: str) -> None:
    message = parsed(built(Settings(unsubscribe=setting)))
    assert message["List-Unsubscribe"] == "<mailto:leave@example.org?subject=unsubscribe>"


def test_list_unsubscribe_falls_back_to_the_sender() -> None:
    message = parsed(built(Settings(mail_from="digest@example.org")))
    assert message["List-Unsubscribe"] == "<mailto:digest@example.org?subject=unsubscribe>"


def test_several_readers_do_not_see_each_other() -> None:
    content = built(Settings(mail_to=("a@example.org", "b@example.org")))
    assert parsed(content)["To"] == "undisclosed-recipients:;"
    assert b"b@example.org" not in content


@pytest.mark.parametrize("setting", ["mail_from", "unsubscribe", "mail_to"])
@pytest.mark.parametrize(
    "value", ["a@example.org\r\nBcc: victim@example.org", "a@example.org>, <b@example.org", "nobody", "ü@example.org"]
)
def test_headers_cannot_be_injected_by_settings(setting: str, value: str) -> None:
    changed = Settings(**{setting: (value,) if setting == "mail_to" else value})  # type: ignore[arg-type]
    with pytest.raises(mail.MailError, match=f"SKYTRUNK_{setting.upper()}"):
        built(changed)


def test_headers_cannot_be_injected_by_a_headline() -> None:
    notice = compose_notice(rows.DAY, "broken\r\nBcc: victim@example.org", None)
    message = parsed(built(Settings(), notice, None))
    assert message["Bcc"] is None


def test_mail_arrives_whole_over_starttls_and_auth(serve: Serve) -> None:
    inbox, settings = serve()
    content = built(settings)
    assert mail.send(settings, outbox(settings, content)) == mail.Delivery("sent", 1, 0)
    (envelope,) = inbox.received
    assert envelope.rcpt_tos == ["reader@example.org"]
    assert envelope.content == content


def test_delivery_is_recorded_without_the_address(serve: Serve) -> None:
    _, settings = serve()
    path = outbox(settings)
    mail.send(settings, path)
    row = deliveries(settings).row(0, named=True)
    assert (row["delivery"], row["recipient_count"], row["size_bytes"]) == ("sent", 1, path.stat().st_size)
    assert row["message_id"] == parsed(path.read_bytes())["Message-ID"]
    assert "reader" not in str(row)


def test_same_mail_is_not_sent_twice(serve: Serve) -> None:
    inbox, settings = serve()
    path = outbox(settings)
    mail.send(settings, path)
    record = Home(settings.home).table(mail.TABLE, rows.DAY).read_bytes()
    assert mail.send(settings, path) == mail.Delivery("sent", 0, 1)
    assert len(inbox.received) == 1
    assert Home(settings.home).table(mail.TABLE, rows.DAY).read_bytes() == record


def test_same_mail_is_sent_again_when_forced(serve: Serve) -> None:
    inbox, settings = serve()
    path = outbox(settings)
    mail.send(settings, path)
    assert mail.send(settings, path, force=True).sent_count == 1
    assert len(inbox.received) == 2


def test_changed_mail_is_sent(serve: Serve) -> None:
    inbox, settings = serve()
    mail.send(settings, outbox(settings))
    changed = built(settings, compose(rows.rows(first=True), rows.DAY, rows.SOURCES))
    assert mail.send(settings, outbox(settings, changed)).sent_count == 1
    assert len(inbox.received) == 2


def test_new_reader_gets_it_and_the_old_one_does_not_again(serve: Serve) -> None:
    inbox, settings = serve()
    mail.send(settings, outbox(settings))
    both = Settings(**{**vars(settings), "mail_to": ("reader@example.org", "new@example.org")})
    assert mail.send(both, outbox(both)) == mail.Delivery("sent", 1, 1)
    assert inbox.received[-1].rcpt_tos == ["new@example.org"]


def test_without_a_server_the_mail_waits(tmp_path: Path) -> None:
    settings = Settings(home=tmp_path, mail_to=("reader@example.org",))
    assert mail.send(settings, outbox(settings)) == mail.Delivery("outbox", message="SKYTRUNK_SMTP_HOST is not set")
    assert deliveries(settings)["delivery"].to_list() == ["outbox"]


def test_without_a_reader_the_mail_waits(tmp_path: Path) -> None:
    settings = Settings(home=tmp_path, smtp_host="127.0.0.1")
    assert mail.send(settings, outbox(settings)).message == "SKYTRUNK_MAIL_TO is not set"


def test_offline_the_mail_waits_and_the_server_is_not_asked(serve: Serve) -> None:
    inbox, settings = serve()
    settings = replace(settings, offline=True)
    delivery = mail.send(settings, outbox(settings))
    assert (delivery.outcome, delivery.message[:8]) == ("outbox", "offline:")
    assert inbox.received == []
    assert deliveries(settings)["delivery"].to_list() == ["outbox"]


def test_offline_a_mail_that_was_sent_stays_sent(serve: Serve) -> None:
    _, settings = serve()
    path = outbox(settings)
    mail.send(settings, path)
    assert mail.send(replace(settings, offline=True), path) == mail.Delivery("sent", 0, 1)
    assert deliveries(settings)["delivery"].to_list() == ["sent"]


def test_notice_lies_beside_the_mail_and_is_sent_too(serve: Serve) -> None:
    inbox, settings = serve()
    edition, notice = outbox(settings), built(settings, compose_notice(rows.DAY, "no", None, has="edition"), None)
    path = mail.write(Home(settings.home), rows.DAY, notice, beside=True)
    assert path.name == "2026-08-17-notice.eml"
    assert [mail.is_notice(edition), mail.is_notice(path)] == [False, True]
    assert [mail.send(settings, one).sent_count for one in (edition, path)] == [1, 1]
    assert [envelope.content for envelope in inbox.received] == [edition.read_bytes(), notice]
    assert deliveries(settings)["day"].to_list() == [rows.DAY, rows.DAY]


def test_waiting_mail_is_no_longer_waiting_once_sent(serve: Serve) -> None:
    _, settings = serve()
    silent = Settings(**{**vars(settings), "smtp_host": ""})
    mail.send(silent, outbox(silent))
    mail.send(settings, outbox(settings))
    assert deliveries(settings)["delivery"].to_list() == ["sent"]


def failed(settings: Settings) -> str:
    """The sentence of the failure; the mail must still wait."""
    path = outbox(settings)
    with pytest.raises(mail.MailError) as caught:
        mail.send(settings, path)
    assert path.exists()
    assert deliveries(settings)["delivery"].to_list() == ["outbox"]
    assert PASSWORD not in str(caught.value)
    assert "\n" not in str(caught.value)
    return str(caught.value)


def test_wrong_password(serve: Serve) -> None:
    inbox, settings = serve(smtp_password="wrong and secret")
    words = failed(settings)
    assert "does not accept the name and password (code 535)" in words
    assert "secret" not in words
    assert inbox.received == []


@pytest.mark.parametrize("changes", [{"smtp_password": "gehe1mü"}, {"smtp_user": "gehe1mü"}])
def test_password_outside_ascii(serve: Serve, changes: dict[str, str]) -> None:
    inbox, settings = serve(**changes)
    words = failed(settings)
    assert "SKYTRUNK_SMTP_PASSWORD has a character outside ASCII" in words
    assert "gehe1m" not in words
    assert inbox.received == []


def test_host_that_is_no_name(serve: Serve) -> None:
    _, settings = serve(smtp_host="mail..example")
    assert "mail..example:" in failed(settings)


def test_server_without_starttls_gets_nothing(serve: Serve) -> None:
    inbox, settings = serve(starttls=False, auth=False, smtp_user="")
    assert "does not offer STARTTLS and nothing is sent in clear" in failed(settings)
    assert inbox.received == []


def test_plain_server_is_used_only_when_allowed(serve: Serve) -> None:
    inbox, settings = serve(starttls=False, auth=False, smtp_user="", smtp_starttls=False)
    assert mail.send(settings, outbox(settings)).outcome == "sent"
    assert len(inbox.received) == 1


def test_password_is_never_sent_in_clear(serve: Serve) -> None:
    inbox, settings = serve(starttls=False, auth=False, smtp_starttls=False)
    assert "a password is never sent in clear" in failed(settings)
    assert inbox.received == []


def test_stranger_certificate_is_not_trusted(serve: Serve) -> None:
    inbox, settings = serve(smtp_ca_file="")
    assert "is not trusted" in failed(settings)
    assert inbox.received == []


def test_certificate_of_another_name_is_not_trusted(serve: Serve) -> None:
    _, settings = serve(smtp_host="localhost")
    assert "is not trusted" in failed(settings)


def test_missing_certificate_file(serve: Serve) -> None:
    _, settings = serve(smtp_ca_file="/nowhere/ca.pem")
    assert "SKYTRUNK_SMTP_CA_FILE=/nowhere/ca.pem cannot be read" in failed(settings)


def test_server_that_is_down(serve: Serve) -> None:
    _, settings = serve()
    assert "cannot be reached" in failed(Settings(**{**vars(settings), "smtp_port": _closed_port()}))


def test_refused_reader(serve: Serve) -> None:
    inbox, settings = serve(refused="gone@example.org", mail_to=("reader@example.org", "gone@example.org"))
    with pytest.raises(mail.MailError, match="refused 1 of 2 recipients"):
        mail.send(settings, outbox(settings))
    assert sorted(deliveries(settings)["delivery"]) == ["outbox", "sent"]
    assert inbox.received[0].rcpt_tos == ["reader@example.org"]


def test_every_reader_refused(serve: Serve) -> None:
    _, settings = serve(refused="reader@example.org")
    assert "refused 1 of 1 recipients" in failed(settings)


def test_day_without_a_mail(tmp_path: Path) -> None:
    with pytest.raises(HomeError, match="skytrunk digest 2026-08-17"):
        mail.send(Settings(home=tmp_path), Home(tmp_path).mail(rows.DAY))


def _closed_port() -> int:
    import socket

    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return int(listener.getsockname()[1])
