"""The adapter's version: that of the dbt-spark on which it is based."""

version = "1.11.0"
