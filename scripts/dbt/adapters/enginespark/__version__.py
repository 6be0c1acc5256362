"""The adapter's version: that of the dbt-spark that it is made on."""

version = "1.11.0"
