{#- JSON as the models need it, of members whose names a var or a list says. -#}

{#- Whether what is JSON is an object: its first character tells. -#}
{% macro is_object(json) -%}
    regexp_matches({{ json }}, '^\s*\{')
{%- endmacro %}

{#- The digits of a top-level member that is a whole number of 0 or more, as they stand in the text: JSON
    without sign, fraction or exponent. Null for every other value. `type` is the value's; that it is a number its
    end says, for to look it up in a list the database joins, with each row's whole text. -#}
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

{#- An object without some of its top-level members; what it keeps, nulls too, it keeps as it is. -#}
{% macro without_members(object, names, prefix='') -%}
    json_merge_patch({{ object }}, json_object(
        {%- for name in names %}
        {{ text_literal(prefix ~ name) }}, null{{ "," if not loop.last }}
        {%- endfor %}
    ))
{%- endmacro %}

{#- What an object says beside its key, for comparing: the key may be a number in one and its digits in another, so
    that it is compared as it was taken. -#}
{% macro content_beside(key, json) -%}
    {{ without_members(function('json_content') ~ '(' ~ json ~ ')', [key], 's') }}
{%- endmacro %}

{#- The JSON Pointer (RFC 6901) of a top-level member, as a SQL literal. -#}
{% macro member_pointer(name) -%}
    {{ text_literal('/' ~ name | replace("~", "~0") | replace("/", "~1")) }}
{%- endmacro %}
