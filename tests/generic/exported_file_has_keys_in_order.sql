{#- Every line of the staged file has the table's columns as its keys, all of them, in their order.
    A reader that takes the first line for the shape of all would be misled otherwise. -#}
{% test exported_file_has_keys_in_order(model) %}
select line_number, json_keys(line) as found
from {{ exported_lines(model.identifier) }}
where json_keys(line) <> (
    select list(column_name order by column_index)
    from duckdb_columns()
    where table_name = '{{ model.identifier }}' and schema_name = '{{ model.schema }}' and database_name = current_database()
)
{% endtest %}
