"""The dbt adapter `enginespark`: dbt-spark's, with the functions that the engine's hooks call."""

from dbt.adapters.base import AdapterPlugin

from aina_data_engine.spark.adapter import EngineSparkAdapter, EngineSparkCredentials
from dbt.include import enginespark

Plugin = AdapterPlugin(
    adapter=EngineSparkAdapter,
    credentials=EngineSparkCredentials,
    include_path=enginespark.PACKAGE_PATH,
    dependencies=["spark"],
)
