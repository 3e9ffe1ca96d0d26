"""A peer as a process that waits for its turn: it never runs while we do."""

from __future__ import annotations

import json
import os
import subprocess
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import Any

import numpy as np
from numpy.typing import NDArray

WORKER = Path(__file__).with_name("worker.py")


class PeerError(RuntimeError):
    """A peer does not do its work, and why."""


class Peer:
    """A peer that has read its inputs from `folder`; a context, at whose end its process ends."""

    def __init__(self, python: str | Path, name: str, folder: Path, **options: Any) -> None:
        self._folder, self._name = folder, name
        env = {key: value for key, value in os.environ.items() if not key.startswith("PYTHON")}
        self._process = subprocess.Popen(
            [str(python), "-I", str(WORKER)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env=env,
            stderr=subprocess.DEVNULL,
        )  # fmt: skip
        try:
            answer = self._ask(do="prepare", peer=name, folder=str(folder), **options)
        except PeerError:
            self.close()
            raise
        self.versions: dict[str, str] = answer["versions"]
        self.python: str = answer["python"]

    def go(self) -> float:
        """Have it work once; return the seconds that it took by its own clock."""
        return float(self._ask(do="go")["seconds"])

    def result(self) -> NDArray[Any]:
        """What its last turn gave."""
        path = self._folder / f"result_{self._name}.npy"
        self._ask(do="result", path=str(path))
        found: NDArray[Any] = np.load(path)
        path.unlink()
        return found

    def _ask(self, **request: Any) -> dict[str, Any]:
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        with suppress(BrokenPipeError):
            print(json.dumps(request), file=self._process.stdin, flush=True)
        line = self._process.stdout.readline()
        if not line:
            raise PeerError(f"{self._name}: its process ended with {self._process.wait()}")
        answer: dict[str, Any] = json.loads(line)
        if "error" in answer:
            raise PeerError(f"{self._name}: {answer['error'][:120]}")
        return answer

    def close(self) -> None:
        """End its process."""
        if self._process.stdin is not None:
            with suppress(BrokenPipeError):  # what a process that has ended never read is still to be written
                self._process.stdin.close()
        try:
            self._process.wait(timeout=10)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        if self._process.stdout is not None:
            self._process.stdout.close()

    def __enter__(self) -> Peer:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.close()
