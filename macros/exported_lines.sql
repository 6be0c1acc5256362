{#- The lines of a staged file, as they are on disk: one row per line. The reader may guess nothing, neither from the
    path (`line=1/` is a name) nor from the text; see `reader` and `Limits` in `lines.py`. -#}
{% macro exported_lines(name) -%}
    (
        select row_number() over () as line_number, line
        from read_csv(
            coalesce(
                getvariable('exported')['{{ name }}'],
                error('{{ name }}.jsonl is neither staged nor published. Run dbt build.')
            ),
            columns = {'line': 'varchar'}, auto_detect = false, header = false, skip = 0, comment = '',
            delim = '', quote = '', escape = '', new_line = '\n', encoding = 'utf-8', compression = 'none',
            hive_partitioning = false, filename = false, union_by_name = false,
            null_padding = false, ignore_errors = false, strict_mode = true,
            max_line_size = getvariable('line_limits')['longest'],
            buffer_size = getvariable('line_limits')['buffer'],
            parallel = getvariable('line_limits')['parallel']
        )
    )
{%- endmacro %}
