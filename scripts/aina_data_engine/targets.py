"""Where a job's models run: the dbt targets of `profiles.yml`."""

from importlib.util import find_spec

from aina_data_engine.errors import EngineError

ENGINE, SPARK = "engine", "spark"
TARGETS = (ENGINE, SPARK)
"""Every job can run on the first, only the replay on the second."""
NEEDED = {SPARK: ("pyspark", "dbt.adapters.spark", "sqlglot", "pyarrow")}
"""The modules that a target needs beyond those of every install: the extra of the same name."""


def check_target(target: str) -> None:
    """EngineError where modules that the target needs are not installed."""
    if any(find_spec(module) is None for module in NEEDED.get(target, ())):
        raise EngineError(
            f"The target {target} needs packages that are not installed. In a checkout run: make"
            f" {target} (or: pip install '.[{target}]')."
        )
