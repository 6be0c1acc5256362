{#- A text as a SQL literal, so that its content is never read as SQL. None becomes an empty text. -#}
{% macro text_literal(text) -%}
    '{{ (text or "") | replace("'", "''") }}'
{%- endmacro %}

{#- A list of texts as a constant. -#}
{% macro text_literals(texts) -%}
    ([{% for text in texts %}{{ text_literal(text) }}{{ ", " if not loop.last }}{% endfor %}]::varchar[])
{%- endmacro %}

{#- A text in lower case, without what people put around one: quotation marks, and trailing full stops. -#}
{% macro bare(text) -%}
    lower(regexp_replace({{ text }}, '^[\x{22}\x{27}`´«»‹›„“”‟‚‘’‛ ]+|[\x{22}\x{27}`´«»‹›„“”‟‚‘’‛. ]+$', '', 'g'))
{%- endmacro %}
