{#- A text as a SQL literal: whatever it holds, it is no SQL. None is an empty one. -#}
{% macro text_literal(text) -%}
    '{{ (text or "") | replace("'", "''") }}'
{%- endmacro %}

{#- A list of texts as a constant. -#}
{% macro text_literals(texts) -%}
    ([{% for text in texts %}{{ text_literal(text) }}{{ ", " if not loop.last }}{% endfor %}]::varchar[])
{%- endmacro %}

{#- A text in small letters, without what people put around one: quotes, and points behind. -#}
{% macro bare(text) -%}
    lower(regexp_replace({{ text }}, '^[\x{22}\x{27}`´«»‹›„“”‟‚‘’‛ ]+|[\x{22}\x{27}`´«»‹›„“”‟‚‘’‛. ]+$', '', 'g'))
{%- endmacro %}
