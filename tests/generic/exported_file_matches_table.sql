{#- The staged file, read once, line by line: each is the line of one of the table's rows, in the order
    of `order_by` (by code point, nulls first), with the table's columns as its keys, all of them, in
    their order. What was lost, altered or mixed up on the way to the disk would go out under a summary
    that counts the table; a reader that takes the first line for the shape of all would be misled.
    Lines are held against each other by their hashes, so that memory does not grow with their length. -#}
{% test exported_file_matches_table(model, order_by) %}
with
found as (
    select * from {{ exported_lines(model.identifier) }}
),

expected as (
    select hash(json_line) as line_hash
    from engine."{{ model.identifier }}_lines"
    order by {% for key in order_by %}{{ key }} nulls first{{ ", " if not loop.last }}{% endfor %}
),

keys as (
    select list(column_name order by column_index) as names
    from duckdb_columns()
    where table_name = '{{ model.identifier }}' and schema_name = '{{ model.schema }}' and database_name = current_database()
)

select found.line_number, found.line
from found
positional join expected
where
    hash(found.line) is distinct from expected.line_hash
    or try(json_keys(found.line)) is distinct from (select names from keys)
{% endtest %}
