{#- SQL that fails with the reason that the engine has recorded if the run has not done what it was asked for. -#}
{% macro why_not_done() %}
    {{- return(adapter.dispatch('why_not_done')()) -}}
{% endmacro %}

{% macro duckdb__why_not_done() -%}
    select error(why) from engine.run_ended where why is not null
{%- endmacro %}

{% macro spark__why_not_done() -%}
    {%- set why = adapter.why_not_done() -%}
    {%- if why %}select raise_error({{ text_literal(why | replace('\\', '\\\\')) }}){% endif -%}
{%- endmacro %}
