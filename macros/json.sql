{#- JSON as the models need it, and as only DuckDB says it. Every macro takes SQL, gives SQL. -#}

{#- Whether the text is JSON by RFC 8259. DuckDB's parser also takes NaN, Infinity and trailing
    commas, so what is left once strings are blanked out must hold none of these. -#}
{% macro is_json(text) -%}
    (
        json_valid({{ text }})
        and not regexp_matches(
            regexp_replace({{ text }}, '"(?:[^"\\]|\\.)*"', '""', 'g'),
            '(?i)nan|inf|,\s*[\]}]'
        )
    )
{%- endmacro %}

{#- The JSON with every number that DuckDB would rewrite (1.10 to 1.1, 1e2 to 100.0, -0 to 0) held
    as a string between two copies of `key`, which must not occur in the text: the text's own
    SHA-256, for one. `restore_numbers` gives the numbers back as they were written. -#}
{% macro hold_numbers(text, key) -%}
    case
        when not regexp_matches({{ text }}, '[0-9][.eE]|-0') then {{ text }}
        else replace(
            replace(
                replace(
                    regexp_replace(
                        {{ text }},
                        '("(?:[^"\\]|\\.)*")|(-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][-+]?[0-9]+)?)',
                        '\1' || chr(1) || '\2' || chr(2),
                        'g'
                    ),
                    chr(1) || chr(2),
                    ''
                ),
                chr(1),
                '"' || {{ key }}
            ),
            chr(2),
            {{ key }} || '"'
        )
    end
{%- endmacro %}

{% macro restore_numbers(json, key) -%}
    replace(replace({{ json }}::varchar, '"' || {{ key }}, ''), {{ key }} || '"', '')
{%- endmacro %}

{#- The JSON Pointer (RFC 6901) of a top-level member, as a SQL literal. -#}
{% macro member_pointer(name) -%}
    '/{{ name | replace("~", "~0") | replace("/", "~1") | replace("'", "''") }}'
{%- endmacro %}

{#- Whether a JSON value is missing or null. -#}
{% macro is_json_null(json) -%}
    coalesce(json_type({{ json }}) = 'NULL', true)
{%- endmacro %}

{#- Whether a JSON value is a list of strings and nothing else. -#}
{% macro is_string_list(json) -%}
    (
        json_type({{ json }}) = 'ARRAY'
        and len(list_filter(json_type({{ json }}, '$[*]'), lambda t: t <> 'VARCHAR')) = 0
    )
{%- endmacro %}

{#- The text of a JSON string; null for null and missing. -#}
{% macro json_text(json) -%}
    ({{ json }} ->> '$')
{%- endmacro %}

{#- The texts of a JSON list of strings; empty for null and missing. -#}
{% macro json_texts(json) -%}
    coalesce(json_extract_string({{ json }}, '$[*]'), [])
{%- endmacro %}

{#- Whether an object says one of its keys twice. -#}
{% macro repeats_a_key(json) -%}
    (len(json_keys({{ json }})) <> len(list_distinct(json_keys({{ json }}))))
{%- endmacro %}
