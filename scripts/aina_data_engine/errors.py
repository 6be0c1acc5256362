"""The exceptions that a person is meant to read: their message is shown as it stands."""


class EngineError(Exception):
    """What is wrong, where, and what to do about it: wrong usage, or input that cannot be read."""

    exit_status = 2


class RootBusyError(EngineError):
    """Another process builds on the same root."""

    exit_status = 3


def told_by(error: Exception) -> str:
    """Return what the database says of an input, on one line, without its advice on options."""
    return " ".join(str(error).split("Possible")[0].split())
