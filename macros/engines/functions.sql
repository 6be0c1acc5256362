{#- How a function of the project is made known to the engine that will call it. -#}
{% macro made_function(name, function, code) -%}
    {{ return(adapter.dispatch('made_function')(name, function, code)) }}
{%- endmacro %}

{% macro duckdb__made_function(name, function, code) -%}
    {{ created_macro(name, function.arguments, code) }}
{%- endmacro %}

{#- Spark has no user-defined function that a lambda may call: the function's SQL is expanded where it is called, see
    `translation.py`. -#}
{% macro spark__made_function(name, function, code) -%}
    {%- do adapter.define_function(
        function.name, function.arguments | map(attribute='name') | list, expression_of(code), function.returns.data_type,
        function.fqn[1] == 'json'
    ) -%}
{%- endmacro %}

{#- The same for a function that the command line has selected: dbt requires a statement for it. -#}
{% macro spark__scalar_function_sql(target_relation) -%}
    {{ spark__made_function(target_relation, model, model.compiled_code) }}
    select 1
{%- endmacro %}
