"""The command line's request to a run: a message to the plugin, sent as the dbt var `request`."""

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Self


@dataclass
class Request:
    """What the command line asks of a run, beyond the vars."""

    name: str | None = None
    """The name of the file of proposals."""
    offered: Path | None = None
    """The file to accept."""
    sheet: Path | None = None
    """The review sheet to import."""
    is_partial: bool = False
    """Whether to accept the patches that apply even if others in the file do not."""
    is_replayed: bool = False
    """Whether a replay follows immediately."""
    reverted: list[tuple[str, str]] = field(default_factory=list)
    """What to revert, as pairs of kind (file, rule, id, written_by) and value; author, reason."""

    def as_var(self) -> dict[str, Any]:
        """Return it as the dbt var `request`."""
        return {k: str(v) if isinstance(v, Path) else v for k, v in vars(self).items()}

    @classmethod
    def of_var(cls, asked: dict[str, Any]) -> Self:
        """Return the request in the dbt var `request`."""
        paths = {k: Path(asked[k]) for k in ("offered", "sheet") if asked.get(k)}
        return cls(**asked | paths)
