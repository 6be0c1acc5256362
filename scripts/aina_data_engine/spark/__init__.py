"""The replay on Apache Spark: sessions, the dbt adapter, and the models' SQL in Spark's dialect."""
