"""Where a job's models run: dbt's targets, as `profiles.yml` has them."""

from importlib.util import find_spec

from aina_data_engine.errors import EngineError

ENGINE, SPARK = "engine", "spark"
TARGETS = (ENGINE, SPARK)
"""The first is that of every job; the replay alone has the other."""
NEEDED = {SPARK: ("pyspark", "dbt.adapters.spark", "sqlglot", "pyarrow")}
"""What a target needs beyond what every install has: the extra of its name."""


def check_target(target: str) -> None:
    """EngineError where what the target needs is not installed."""
    if any(find_spec(module) is None for module in NEEDED.get(target, ())):
        raise EngineError(
            f"The target {target} needs what is not installed: pip install"
            f" 'aina-data-engine[{target}]', or make {target} in a checkout."
        )
