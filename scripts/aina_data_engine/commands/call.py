"""One call of the command line: its root, and how it runs a job on it."""

import os
import signal
from dataclasses import dataclass
from pathlib import Path
from types import FrameType
from typing import NoReturn

from aina_data_engine.errors import EngineError
from aina_data_engine.installed import default_root, whole
from aina_data_engine.jobs import JOBS
from aina_data_engine.request import Request
from aina_data_engine.root import Root
from aina_data_engine.say import Told
from aina_data_engine.targets import ENGINE, check_target


@dataclass
class Call:
    """The options common to all commands, given before or after the command's name."""

    directory: Path | None = None
    as_json: bool = False
    command: str = ""
    is_stopped: bool = False

    def stop(self, number: int, frame: FrameType | None) -> NoReturn:
        """Note that SIGINT came, and raise KeyboardInterrupt."""
        self.is_stopped = True
        signal.default_int_handler(number, frame)

    @property
    def root(self) -> Root:
        """Return the root. EngineError if it is not a directory."""
        directory = default_root() if self.directory is None else self.directory
        if not directory.is_dir():
            raise EngineError(f"The root {directory} is not a directory. Name one with --root DIR.")
        return Root(tidy(directory))

    def run_job(
        self,
        job: str,
        request: Request,
        variables: str,
        *,
        wait: bool,
        force: bool = True,
        target: str = ENGINE,
    ) -> Told:
        """Run a job; `request` is what the command line asks beyond the vars."""
        from aina_data_engine import build

        check_target(target)
        return build.run(
            self.root, JOBS[job], variables, request, wait=wait, force=force, target=target
        )


def tidy(path: Path) -> Path:
    """Return the path written in full, without `..` where that leads to the same place."""
    written, short = whole(path), Path(os.path.normpath(whole(path)))
    return short if short.exists() and short.samefile(written) else written
