{#- How dbt makes a SQL function from a file in `functions`: as a DuckDB macro. The file is a query, like a function's
    body in Postgres, so that linters can read it; DuckDB needs the bare expression, since a lambda cannot contain a
    query. The types of the arguments are left out: with them, DuckDB 2.0 does not find the arguments of a function
    inside whose call another one is called. -#}
{% macro duckdb__scalar_function_sql(target_relation) -%}
    {{ created_macro(target_relation.render(), model.arguments, model.compiled_code) }}
{%- endmacro %}

{% macro created_macro(name, arguments, code) -%}
    create or replace macro {{ name }}({{ arguments | map(attribute='name') | join(', ') }}) as (
        {{- expression_of(code) }}
    );
{%- endmacro %}

{#- The expression that the query returns, without the query around it. -#}
{% macro expression_of(code) -%}
    {{- modules.re.sub('^(\\s*--.*\\n)*\\s*select\\b', '', code) -}}
{%- endmacro %}

{#- The functions that the selected nodes call and that are not selected themselves, each after those that it calls:
    `dbt run` makes none, and the command line leaves them out, because fifty nodes cost a tenth of a small job's time.
    -#}
{% macro make_functions() -%}
    {%- set made = [] -%}
    {%- for key in selected_resources -%}
        {{ make_functions_of(graph.nodes.get(key), made) }}
    {%- endfor -%}
{%- endmacro %}

{% macro make_functions_of(node, made) -%}
    {%- for key in (node.depends_on.nodes if node else [])
        if key in graph.functions and key not in made and key not in selected_resources -%}
        {%- set called = graph.functions[key] -%}
        {%- do made.append(key) -%}
        {{ make_functions_of(called, made) }}
        {{ made_function(function(called.name), called, render(called.raw_code)) }}
    {%- endfor -%}
{%- endmacro %}
