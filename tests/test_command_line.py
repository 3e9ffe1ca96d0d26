"""The command line: help for every command, one sentence for every fault."""

from __future__ import annotations

from pathlib import Path

import pytest

from pipeline.__main__ import app, main

COMMANDS = sorted(info.name for info in app.registered_commands if info.name)


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_has_help(command: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main([command, "--help"]) == 0
    usage, words, *_ = capsys.readouterr().out.split("\n\n")
    assert usage.startswith("Usage:")
    assert words.strip().endswith("."), words


@pytest.mark.parametrize(
    "words", [["--home", "x", "run"], ["run", "--bogus"], ["no-such-command"], ["land", "celestrak_active"]]
)
def test_a_wrong_call_shows_the_usage(words: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert main(words) == 2
    said = capsys.readouterr().err
    assert said.startswith("Usage:")
    assert "Traceback" not in said


def sentence(capsys: pytest.CaptureFixture[str]) -> str:
    lines = capsys.readouterr().err.strip().splitlines()
    assert len(lines) == 1, lines
    return lines[0]


def test_a_bad_day_is_one_sentence(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    assert main(["run", "yesterday", "--home", str(tmp_path)]) == 1
    assert "'yesterday' is not a day" in sentence(capsys)


def test_a_day_that_no_calendar_has_is_one_sentence(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    assert main(["compute", "2026-02-30", "--home", str(tmp_path)]) == 1
    assert "2026-02-30" in sentence(capsys)


def test_a_missing_home_is_one_sentence(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    assert main(["sql", "select 1", "--home", str(tmp_path / "nowhere")]) == 1
    assert "does not exist" in sentence(capsys)


def test_a_home_that_cannot_be_made_is_one_sentence(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    source = tmp_path / "catalog.csv"
    source.write_text("OBJECT_NAME\n")
    home = tmp_path / "file" / "home"
    assert main(["land", "celestrak_active", "2026-08-17", "--file", str(source), "--home", str(home)]) == 1
    assert "--home" in sentence(capsys)


def test_an_unknown_source_is_one_sentence(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    assert main(["land", "celestrack", "2026-08-17", "--home", str(tmp_path)]) == 1
    assert "celestrak_active" in sentence(capsys)


def test_a_file_that_is_not_there_is_one_sentence(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    words = ["land", "celestrak_active", "2026-08-17", "--file", str(tmp_path / "none.csv"), "--home", str(tmp_path)]
    assert main(words) == 1
    assert "none.csv" in sentence(capsys)


def test_a_bad_setting_is_one_sentence(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("SKYTRUNK_ORDER", "twelve")
    assert main(["sources", "--home", str(tmp_path)]) == 1
    assert "SKYTRUNK_ORDER" in sentence(capsys)


def test_a_step_that_does_not_divide_the_day_is_one_sentence(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("SKYTRUNK_STEP_S", "7")
    assert main(["sample", "--home", str(tmp_path)]) == 1
    assert "SKYTRUNK_STEP_S=7" in sentence(capsys)


def test_sources_say_what_is_missing_without_them(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    assert main(["sources", "--home", str(tmp_path)]) == 0
    text = capsys.readouterr().out
    assert text.count("\n  without it") == text.count("\n  licence") >= 6


def test_the_dictionary_lists_units(capsysbinary: pytest.CaptureFixture[bytes]) -> None:
    assert main(["dictionary", "--format", "csv"]) == 0
    lines = capsysbinary.readouterr().out.decode().splitlines()
    assert any(line.startswith("core.coverage_daily") and ",longest_gap_s,integer,s," in line for line in lines)


def test_the_doctor_finds_this_installation_healthy(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    assert main(["doctor", "--home", str(tmp_path)]) == 0
    assert "home" in capsys.readouterr().out


def test_version(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--version"]) == 0
    assert capsys.readouterr().out.startswith("skytrunk ")
