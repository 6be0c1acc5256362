{#- How dbt makes a SQL function of a file in `functions`: a macro of DuckDB's. The file is a query, as Postgres
    has a function's body, so that linters read it; DuckDB wants the expression alone, since no lambda may
    hold a query. The types of the arguments are left out: with them, DuckDB 2.0 does not find the arguments
    of a function within whose call another one is called. -#}
{% macro duckdb__scalar_function_sql(target_relation) -%}
    {{ created_macro(target_relation.render(), model.arguments, model.compiled_code) }}
{%- endmacro %}

{% macro created_macro(name, arguments, code) -%}
    create or replace macro {{ name }}({{ arguments | map(attribute='name') | join(', ') }}) as (
        {{- expression_of(code) }}
    );
{%- endmacro %}

{#- What the query returns, without the query. -#}
{% macro expression_of(code) -%}
    {{- modules.re.sub('^(\\s*--.*\\n)*\\s*select\\b', '', code) -}}
{%- endmacro %}

{#- The functions that what is chosen calls and that are not chosen themselves, each after those that it calls:
    `dbt run` makes none, and the command line leaves them out, for which fifty nodes are a tenth of a small
    job's time. -#}
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
