"""Settings: everything that a user may set, read from SKYTRUNK_* environment variables in one place."""

from __future__ import annotations

import math
import os
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path

TRUE_WORDS = {"1", "true", "yes", "on"}
FALSE_WORDS = {"", "0", "false", "no", "off"}


class SettingError(ValueError):
    """A setting has a value that cannot be used."""


@dataclass(frozen=True)
class Settings:
    """What a run may be told. Defaults are what a laptop without any configuration gets.

    `order` is the HEALPix order of the grid, `step_s` the time step of the day [s], `grid_days` how many days of grids
    the warehouse and the published file hold, `contact` goes into the User-Agent so that a provider can write to us.
    `addresses` replaces the address of a source by name (SKYTRUNK_ADDRESS_<SOURCE>), for mirrors.
    `share_price_usd` is SpaceX's share price on `share_price_day`, `share_count` its shares; None where they are not told.
    """

    home: Path = Path("data")
    offline: bool = False
    order: int = 6
    step_s: int = 60
    grid_days: int = 14
    contact: str = ""
    smtp_host: str = ""
    smtp_port: int = 587
    smtp_user: str = ""
    smtp_password: str = ""
    smtp_starttls: bool = True
    smtp_ca_file: str = ""
    mail_from: str = "skytrunk@localhost"
    mail_to: tuple[str, ...] = ()
    unsubscribe: str = ""
    site_url: str = ""
    addresses: tuple[tuple[str, str], ...] = ()
    share_price_usd: float | None = None
    share_price_day: date | None = None
    share_count: float | None = None

    def at(self, home: Path | str | None, offline: bool | None = None) -> Settings:
        """Return the same settings with another home, or online or offline; None keeps what is set."""
        chosen = self if home is None else replace(self, home=Path(home))
        return chosen if offline is None else replace(chosen, offline=offline)


def from_environment(env: Mapping[str, str] | None = None) -> Settings:
    """Settings from SKYTRUNK_* variables. Raises SettingError naming the variable, its value and what is accepted."""
    env = os.environ if env is None else env
    default = Settings()

    def text(name: str, value: str) -> str:
        return env.get(f"SKYTRUNK_{name}", value)

    return Settings(
        home=Path(text("HOME", str(default.home)) or default.home),
        offline=_flag(env, "OFFLINE", default.offline),
        order=_whole(env, "ORDER", default.order, 5, 9),
        step_s=_step_s(env, default.step_s),
        grid_days=_whole(env, "GRID_DAYS", default.grid_days, 1, 10_000),
        contact=text("CONTACT", default.contact),
        smtp_host=text("SMTP_HOST", default.smtp_host),
        smtp_port=_whole(env, "SMTP_PORT", default.smtp_port, 1, 65_535),
        smtp_user=text("SMTP_USER", default.smtp_user),
        smtp_password=text("SMTP_PASSWORD", default.smtp_password),
        smtp_starttls=_flag(env, "SMTP_STARTTLS", default.smtp_starttls),
        smtp_ca_file=text("SMTP_CA_FILE", default.smtp_ca_file),
        mail_from=text("MAIL_FROM", default.mail_from),
        mail_to=tuple(a.strip() for a in text("MAIL_TO", "").split(",") if a.strip()),
        unsubscribe=text("UNSUBSCRIBE", default.unsubscribe),
        site_url=text("SITE_URL", default.site_url).rstrip("/"),
        addresses=tuple(
            sorted(
                (name.removeprefix("SKYTRUNK_ADDRESS_").lower(), value)
                for name, value in env.items()
                if name.startswith("SKYTRUNK_ADDRESS_") and value
            )
        ),
        share_price_usd=_above_zero(env, "SHARE_PRICE_USD"),
        share_price_day=_share_price_day(env),
        share_count=_above_zero(env, "SHARE_COUNT"),
    )


def _flag(env: Mapping[str, str], name: str, default: bool) -> bool:
    value = env.get(f"SKYTRUNK_{name}")
    if value is None:
        return default
    if value.strip().lower() in TRUE_WORDS | FALSE_WORDS:
        return value.strip().lower() in TRUE_WORDS
    raise SettingError(f"SKYTRUNK_{name}={value!r} is neither yes nor no: set it to 1 or 0")


def _above_zero(env: Mapping[str, str], name: str) -> float | None:
    text = env.get(f"SKYTRUNK_{name}", "").strip()
    if not text:
        return None
    try:
        value = float(text)
    except ValueError:
        value = math.nan
    if math.isfinite(value) and value > 0:
        return value
    raise SettingError(f"SKYTRUNK_{name}={text!r} is no number above 0: set it to one, or leave it out")


def _share_price_day(env: Mapping[str, str]) -> date | None:
    """Day that the share price is of; a price without a day is refused, for nobody could tell how old it is."""
    text = env.get("SKYTRUNK_SHARE_PRICE_DAY", "").strip()
    if not text:
        if env.get("SKYTRUNK_SHARE_PRICE_USD", "").strip():
            raise SettingError(
                "SKYTRUNK_SHARE_PRICE_USD is set without SKYTRUNK_SHARE_PRICE_DAY: set the day that it is of"
            )
        return None
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise SettingError(f"SKYTRUNK_SHARE_PRICE_DAY={text!r} is not a date: write it as 2026-08-17") from error


def _step_s(env: Mapping[str, str], default: int) -> int:
    step_s = _whole(env, "STEP_S", default, 1, 3600)
    if 86_400 % step_s:
        raise SettingError(f"SKYTRUNK_STEP_S={step_s} does not divide the day of 86400 s: choose 30, 60 or 300, say")
    return step_s


def _whole(env: Mapping[str, str], name: str, default: int, low: int, high: int) -> int:
    value = env.get(f"SKYTRUNK_{name}", "").strip()
    if not value:
        return default
    if value.isdecimal() and low <= int(value) <= high:
        return int(value)
    raise SettingError(f"SKYTRUNK_{name}={value!r} is not a whole number from {low} to {high}")
