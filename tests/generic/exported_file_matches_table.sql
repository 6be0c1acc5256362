{#- The staged file, read once, line by line: each line must be that of one of the table's rows, in the order of
    `order_by` (by code point, nulls first), with exactly the table's columns as its keys, in their order. Otherwise
    rows lost, altered or mixed up on the way to the disk would be published under a summary that counts the table, and
    a reader that infers the schema from the first line would be misled. Lines are compared by their hashes, so that
    memory does not grow with their length. The keys of a lane's lines are checked in the file of all titles as well.
    -#}
{% test exported_file_matches_table(model, order_by) %}
{{ config(meta={'asked_of': 'files'}) }}
{%- set is_lane = lane_of(model.identifier) -%}
with
found as (
    select
        line_number,
        hash(line) as line_hash,
        {{ 'null' if is_lane else 'try(json_keys(line))' }} as names
    from {{ exported_lines(model.identifier) }}
),

expected as (
    select
        line_hash,
        coalesce(sort_key < lag(sort_key) over (), false) as is_out_of_order
    from engine."{{ model.identifier }}_lines"
),

keys as (
    select list(column_name order by column_index) as names
    from duckdb_columns()
    where table_name = '{{ model.identifier }}' and schema_name = '{{ model.schema }}' and database_name = current_database()
)

select
    found.line_number,
    found.line_hash = expected.line_hash as is_the_row,
    expected.is_out_of_order
from found
positional join expected
where
    found.line_hash is distinct from expected.line_hash
    or expected.is_out_of_order
    or (select order_by from engine.exported_files where relation = '{{ model.identifier }}') is distinct from {{ order_by }}
    {%- if not is_lane %}
    or found.names is distinct from (select names from keys)
    {%- endif %}
{% endtest %}
