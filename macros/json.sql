{#- JSON as the models need it, and as only DuckDB says it. Every macro takes SQL, gives SQL. -#}

{#- Whether the text is JSON by RFC 8259. DuckDB's parser also takes NaN, Infinity and trailing
    commas. Where the text has what looks like one, what is left once strings are blanked out must have
    none. -#}
{% macro is_json(text) -%}
    (
        json_valid({{ text }})
        and case
            when regexp_matches({{ text }}, '(?i)(?:^|[:,\[])\s*-?(?:nan|inf)|,\s*[\]}]')
                then not regexp_matches(
                    regexp_replace({{ text }}, '"(?:[^"\\]|\\.)*"', '""', 'g'), '(?i)nan|inf|,\s*[\]}]'
                )
            else true
        end
    )
{%- endmacro %}

{#- Whether JSON may have a number that DuckDB would write in another way: 1.10 as 1.1, 1e2 as 100.0, -0
    as 0. A number stands behind a bracket, a comma, a colon or white space. -#}
{% macro has_odd_numbers(json) -%}
    regexp_matches({{ json }}, '(?:^|[\[,:\s])-?(?:[0-9]+[.eE]|0)')
{%- endmacro %}

{#- JSON as a list of its strings, its numbers and what stands between them. -#}
{% macro json_tokens(json) -%}
    regexp_extract_all({{ json }}, '"(?:[^"\\]|\\.)*"|-?[0-9][-+.eE0-9]*|[^"0-9-]+')
{%- endmacro %}

{#- JSON with its numbers spelled as strings, so that no function of DuckDB writes them anew: 1.10 is
    "n1.10", and a string "x", a key too, is "sx". `unspell_numbers` takes it back. Every text is meant
    for itself: none can be taken for a number. -#}
{% macro spell_numbers(json) -%}
    array_to_string(
        list_transform({{ json_tokens(json) }}, lambda token: case
            when token[1] = '"' then '"s' || token[2:]
            when token[1] in ('-', '0', '1', '2', '3', '4', '5', '6', '7', '8', '9') then '"n' || token || '"'
            else token
        end),
        ''
    )
{%- endmacro %}

{% macro unspell_numbers(json) -%}
    array_to_string(
        list_transform({{ json_tokens(json) }}, lambda token: case
            when starts_with(token, '"n') then token[3:-2]
            when starts_with(token, '"s') then '"' || token[3:]
            else token
        end),
        ''
    )
{%- endmacro %}

{#- What JSON says, for comparing: the same for members in another order and for numbers of the same value
    (1.50 and 15e-1), another for every other difference, of the last digit too. A whole number is not the
    same as one with a fraction. -#}
{% macro json_content(json) -%}
    json_normalize(array_to_string(
        list_transform({{ json_tokens(json) }}, lambda token: case
            when token[1] = '"' then '"s' || token[2:]
            when regexp_matches(token, '^-?[0-9]+$') then '"n' || token || '"'
            when regexp_matches(token, '^-?[0-9]') then '"n' || {{ number_value('token') }} || '"'
            else token
        end),
        ''
    ))
{%- endmacro %}

{#- The value of a number with fraction or exponent: its digits without zeros at the ends, and the power
    of ten of the last one. -#}
{% macro number_value(token) -%}
    {%- set digits -%}
        ltrim(regexp_extract({{ token }}, '^-?([0-9]+)', 1) || regexp_extract({{ token }}, '\.([0-9]+)', 1), '0')
    {%- endset -%}
    {%- set exponent -%}
        coalesce(try_cast(regexp_extract({{ token }}, '[eE]([-+]?[0-9]+)$', 1) as hugeint), 0)
    {%- endset -%}
    case
        when {{ digits }} = '' then '0e0'
        -- An exponent beyond 128 bits stays as it is written.
        when regexp_matches({{ token }}, '[eE][-+]?[0-9]{30}') then {{ token }}
        else
            regexp_extract({{ token }}, '^-?') || rtrim({{ digits }}, '0') || 'e' || (
                {{ exponent }}
                - length(regexp_extract({{ token }}, '\.([0-9]+)', 1))
                + length({{ digits }}) - length(rtrim({{ digits }}, '0'))
            )
    end
{%- endmacro %}

{#- The digits of a top-level member that is a whole number of 0 or more, as they stand in the text: JSON
    without sign, fraction or exponent. Null for every other value. -#}
{% macro json_digits(document, name) -%}
    case
        when json_type({{ document }}, {{ member_pointer(name) }}) in ('UBIGINT', 'BIGINT', 'DOUBLE', 'HUGEINT', 'UHUGEINT')
            then nullif(regexp_extract(
                json_extract_string({{ spell_numbers(document) }}, {{ member_pointer('s' ~ name) }}),
                '^n(0|[1-9][0-9]*)$',
                1
            ), '')
    end
{%- endmacro %}

{#- An object without some of its top-level members; what it keeps, nulls too, it keeps as it is. -#}
{% macro without_members(object, names, prefix='') -%}
    json_merge_patch({{ object }}, json_object(
        {%- for name in names %}
        {{ text_literal(prefix ~ name) }}, null{{ "," if not loop.last }}
        {%- endfor %}
    ))
{%- endmacro %}

{#- The JSON Pointer (RFC 6901) of a top-level member, as a SQL literal. -#}
{% macro member_pointer(name) -%}
    {{ text_literal('/' ~ name | replace("~", "~0") | replace("/", "~1")) }}
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
{% macro repeats_a_key(keys) -%}
    (len({{ keys }}) <> len(list_distinct({{ keys }})))
{%- endmacro %}
