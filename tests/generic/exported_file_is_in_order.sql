{#- The staged file's lines are in the order of `order_by`, by code point, nulls first. The same rows
    in another order would be other bytes, and other hashes, for the same inputs. -#}
{% test exported_file_is_in_order(model, order_by) %}
with
lines as (
    select
        line_number,
        json_extract(line, [{% for key in order_by %}'/{{ key }}'{{ ", " if not loop.last }}{% endfor %}]) as keys
    from {{ exported_lines(model.identifier) }}
),

sort_keys as (
    select
        line_number,
        row(
            {%- for key in order_by %}
            json_type(keys[{{ loop.index }}]) <> 'NULL',
            case when json_type(keys[{{ loop.index }}]) = 'UBIGINT' then (keys[{{ loop.index }}] ->> '$')::bigint end,
            keys[{{ loop.index }}] ->> '$'{{ "," if not loop.last }}
            {%- endfor %}
        ) as sort_key
    from lines
),

neighbours as (
    select *, lag(sort_key) over (order by line_number) as former_sort_key from sort_keys
)

select line_number from neighbours where former_sort_key > sort_key
{% endtest %}
