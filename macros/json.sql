{#- JSON as the models need it, for members whose names come from a var or a list. -#}

{#- Whether valid JSON is an object, judged by its first character. -#}
{% macro is_object(json) -%}
    regexp_matches({{ json }}, '^\s*\{')
{%- endmacro %}

{#- The digits of a top-level member that is a whole number of 0 or more, as written in the text: JSON without sign,
    fraction or exponent. Null for every other value. `type` is the value's type, recognised as a number by its ending:
    for a look-up in a list the database would do a join, carrying each row's whole text. -#}
{% macro json_digits(document, name, type) -%}
    case
        when ends_with({{ type }}, 'INT') or {{ type }} = 'DOUBLE'
            then nullif(regexp_extract(
                json_extract_string({{ function('spell_numbers') }}({{ document }}), {{ member_pointer('s' ~ name) }}),
                '^n(0|[1-9][0-9]*)$',
                1
            ), '')
    end
{%- endmacro %}

{#- An object without some of its top-level members; all others, nulls included, are unchanged. -#}
{% macro without_members(object, names, prefix='') -%}
    json_merge_patch({{ object }}, json_object(
        {%- for name in names %}
        {{ text_literal(prefix ~ name) }}, null{{ "," if not loop.last }}
        {%- endfor %}
    ))
{%- endmacro %}

{#- An object in which some top-level members have the values of the columns with these names. The others stay as they
    are written: the database would rewrite their numbers. -#}
{% macro with_members(object, names) -%}
    {{ function('unspell_numbers') }}(json_merge_patch(
        {{ function('spell_numbers') }}({{ object }}),
        {{ function('spell_numbers') }}(json_object(
            {%- for name in names %}
            '{{ name }}', {{ name }}{{ "," if not loop.last }}
            {%- endfor %}
        )::varchar)
    )::varchar)
{%- endmacro %}

{#- The content of an object besides its key, for comparison: the key may be a number in one and its digits in another,
    so it is compared separately, as it was read. -#}
{% macro content_beside(key, json) -%}
    {{ without_members(function('json_content') ~ '(' ~ json ~ ')', [key], 's') }}
{%- endmacro %}

{#- The JSON Pointer (RFC 6901) of a top-level member, as a SQL literal. -#}
{% macro member_pointer(name) -%}
    {{ text_literal('/' ~ name | replace("~", "~0") | replace("/", "~1")) }}
{%- endmacro %}
