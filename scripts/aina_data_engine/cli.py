"""The command line: `aina-data-engine [--root DIR] COMMAND`.

Its help explains the exit status.
"""

import atexit
import json
import os
import re
import signal
import sys
from typing import Any, NoReturn

import click

from aina_data_engine import say
from aina_data_engine.commands import NAME, Call, engine
from aina_data_engine.errors import EngineError, note_traceback, told_by
from aina_data_engine.files import is_utf8
from aina_data_engine.root import PROJECT
from aina_data_engine.say import Told


def run() -> NoReturn:
    """Run one command as a process.

    It exits as soon as everything open has been closed. Otherwise Python would run a garbage
    collection over all of dbt's objects and free them one by one: an eighth of a small job's time.
    """
    ended: list[int] = []
    # The first function registered is called last; all output has been flushed by then, see `say`.
    atexit.register(lambda: ended and os._exit(*ended))
    ended.append(main())
    sys.exit(*ended)


def main(arguments: list[str] | None = None) -> int:
    """Run one command; return the exit status."""
    say.open_streams()
    call, words = Call(), sys.argv[1:] if arguments is None else arguments
    try:
        _refuse_what_is_no_text(words)
        told = _do(words, call)
    except EngineError as error:
        told = _refused(error.exit_status, str(error))
    except click.exceptions.NoArgsIsHelpError as error:
        told = Told(2, complaint=error.format_message(), content={"error": "No command is named."})
    except click.UsageError as error:
        # The error may come before `--json`, or be in it; then the option has not been noted yet.
        call.as_json = call.as_json or any(re.match("--json(=|$)", word) for word in words)
        told = _refused(2, _usage(error))
    except click.Abort:
        told = _refused(130, "stopped.")
    except Exception as error:
        # An unforeseen error: fixing it needs the traceback.
        log = note_traceback((call.directory or PROJECT) / "artifacts" / "logs")
        what = f"{type(error).__name__}: {told_by(error)}"
        told = _refused(1, say.shown(f"{what}. The traceback is in {log}."))
    return _tell(call, told) if isinstance(told, Told) else int(told)


def _do(words: list[str], call: Call) -> Any:
    """Return the command's result; click.Abort after SIGINT, whatever error it led to.

    A query that is interrupted fails with a database error, like one on a damaged file.
    """
    signal.signal(signal.SIGINT, call.stop)
    try:
        return engine.main(words, prog_name=NAME, standalone_mode=False, obj=call)
    finally:
        if call.is_stopped:
            raise click.Abort


def _refuse_what_is_no_text(arguments: list[str]) -> None:
    for word in arguments:
        if not is_utf8(word):
            raise EngineError(
                f"{word} has bytes that are not UTF-8, which neither the database nor dbt accepts."
                " Use another path or text."
            )


def _refused(status: int, message: str) -> Told:
    return Told(status, complaint=f"{NAME}: {message}", content={"error": message})


def _usage(error: click.UsageError) -> str:
    """Return what is wrong with the command line, and how to get help."""
    context = error.ctx or click.Context(engine, info_name=NAME)
    help_is = f"Help: {context.command_path} --help"
    return f"{error.format_message()}\n{context.get_usage()}\n{help_is}"


def _tell(call: Call, told: Told) -> int:
    """Print a command's result, as text or as one JSON object; return its exit status."""
    if call.as_json:
        content = {"command": call.command, "exit_status": told.status}
        content |= told.content or {"message": told.text}
        say.out(json.dumps(content, ensure_ascii=False))
    elif told.text:
        say.out(told.text)
    if told.complaint:
        say.err(told.complaint)
    return told.status


if __name__ == "__main__":
    run()
