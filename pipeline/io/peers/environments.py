"""Environments of peers that the house itself does not need, made on first use from their own locks."""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

HERE = Path(__file__).parent
# What an environment takes beyond this is a network that is not there.
INSTALL_S = 600
PIP = ("-m", "pip", "-q", "--disable-pip-version-check", "--no-input", "--timeout", "15", "--retries", "1")


class NotInstalledError(RuntimeError):
    """A peer cannot be installed, and why."""


@dataclass(frozen=True)
class Environment:
    """A lock file in this folder, and the least Python that what is in it runs on."""

    name: str
    least: tuple[int, int]

    @property
    def lock(self) -> Path:
        """The file with versions and hashes."""
        return HERE / f"{self.name}.lock"


PROPAGATION = Environment("propagation", (3, 11))
COUNTING = Environment("counting", (3, 12))
ROUTING = Environment("routing", (3, 11))


def python_of(environment: Environment, folder: Path, offline: bool) -> Path:
    """The interpreter of an environment below `folder`, which is made when it is not there yet.

    Raises NotInstalledError where there is no Python for it, no network, or the packages do not install.
    """
    digest = hashlib.sha256(environment.lock.read_bytes()).hexdigest()[:12]
    made = folder.resolve() / f"{environment.name}-{digest}"
    python, ready = made / "bin" / "python", made / ".ready"
    if ready.exists() and python.exists():
        return python
    if offline:
        raise NotInstalledError("offline, and not installed before")
    _make(suitable_python(environment.least), made, environment.lock)
    ready.touch()
    return python


def _make(base: str, made: Path, lock: Path) -> None:
    _run([base, "-m", "venv", "--clear", str(made)])
    _run([str(made / "bin" / "python"), *PIP, "install", "--no-deps", "--require-hashes", "-r", str(lock)])


def _run(command: list[str]) -> None:
    env = {name: value for name, value in os.environ.items() if not name.startswith(("PYTHON", "MALLOC_"))}
    try:
        done = subprocess.run(command, env=env, capture_output=True, text=True, timeout=INSTALL_S, check=False)
    except (OSError, subprocess.TimeoutExpired) as error:
        raise NotInstalledError(_last_line(str(error))) from error
    if done.returncode:
        raise NotInstalledError(_last_line(done.stderr) or f"{command[1:3]} ended with {done.returncode}")


def _last_line(text: str) -> str:
    """The last line that says what went wrong, without the markup of pip."""
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    wrong = [line for line in lines if line.startswith("ERROR:")] or lines
    return wrong[-1].removeprefix("ERROR:").strip()[:120] if wrong else ""


def suitable_python(least: tuple[int, int]) -> str:
    """A Python of at least this version with venv and pip: the running one, one on the PATH, or one of pyenv's.

    Raises NotInstalledError where there is none.
    """
    if sys.version_info[:2] >= least:
        return sys.executable
    names = [f"python3.{minor}" for minor in range(least[1], least[1] + 3)]
    for candidate in [*filter(None, map(shutil.which, names)), *_of_pyenv(names)]:
        if _suits(candidate, least):
            return candidate
    raise NotInstalledError(f"needs Python {least[0]}.{least[1]} or later, and none was found")


def _of_pyenv(names: list[str]) -> list[str]:
    """Interpreters beside pyenv's shims: a shim runs only the versions that are switched on."""
    roots = [
        Path(entry).parent for entry in os.environ.get("PATH", "").split(os.pathsep) if Path(entry).name == "shims"
    ]
    return [str(path) for root in roots for name in names for path in sorted(root.glob(f"versions/*/bin/{name}"))]


def _suits(candidate: str, least: tuple[int, int]) -> bool:
    asked = f"import sys, venv, ensurepip; sys.exit(sys.version_info[:2] < {least!r})"
    try:
        return subprocess.run([candidate, "-c", asked], capture_output=True, timeout=30, check=False).returncode == 0
    except (OSError, subprocess.TimeoutExpired):
        return False
