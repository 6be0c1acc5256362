{#- The lines of a staged file, as they lie on the disk: one row per line. -#}
{% macro exported_lines(name) -%}
    (
        select row_number() over () as line_number, line
        from read_csv(
            getvariable('exported_to') || '/{{ name }}.jsonl',
            columns = {'line': 'varchar'},
            delim = '', quote = '', escape = '', header = false, auto_detect = false,
            max_line_size = getvariable('longest_line'), buffer_size = getvariable('longest_line')
        )
    )
{%- endmacro %}
