"""Run sqlfluff without Python's search for cycles among its objects, which is half of its time."""

import gc

# In the processes that it starts, too: each reads this file first.
gc.disable()

from sqlfluff.cli.commands import cli  # noqa: E402

if __name__ == "__main__":
    cli()
