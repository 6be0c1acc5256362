{#- A text as a SQL literal: whatever it holds, it is no SQL. -#}
{% macro text_literal(text) -%}
    '{{ text | replace("'", "''") }}'
{%- endmacro %}

{#- Whether a text is empty or white space, as Unicode has it. -#}
{% macro is_blank(text) -%}
    regexp_matches({{ text }}, '^[\p{Z}\t-\r\x1c-\x1f\x{85}]*$')
{%- endmacro %}

{#- A text as it is compared by eye: without white space around it, and one blank for each within. -#}
{% macro same_words(text) -%}
    trim(regexp_replace({{ text }}, '[\p{Z}\t-\r\x{85}]+', ' ', 'g'))
{%- endmacro %}
