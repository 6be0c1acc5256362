"""The one exception that a person is meant to read."""


class EngineError(Exception):
    """What is wrong, where, and what to do about it: the message is shown as it stands.

    It stands for exit status 2: wrong usage, or input that cannot be read.
    """
