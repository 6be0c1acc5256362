{#- The text of a JSON string as JSON writes it, without the quotes; null for what is no string. What JSON
    writes with an escape is the name of no operation and of no place in the document. -#}
{% macro quoted_text(json) -%}
    case when ({{ json }}::varchar)[1] = '"' then ({{ json }}::varchar)[2:-2] end
{%- endmacro %}
