{#- A text as a SQL literal: whatever it holds, it is no SQL. -#}
{% macro text_literal(text) -%}
    '{{ text | replace("'", "''") }}'
{%- endmacro %}
