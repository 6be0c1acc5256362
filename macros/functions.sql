{#- How dbt makes a SQL function of a file in `functions`: a macro of DuckDB's. The file is a query, as Postgres
    has a function's body, so that linters read it; DuckDB wants the expression alone, since no lambda may
    hold a query. The types of the arguments are left out: with them, DuckDB 2.0 does not find the arguments
    of a function within whose call another one is called. -#}
{% macro duckdb__scalar_function_sql(target_relation) -%}
    {{ created_macro(target_relation.render(), model.arguments, model.compiled_code) }}
{%- endmacro %}

{% macro created_macro(name, arguments, code) -%}
    create or replace macro {{ name }}({{ arguments | map(attribute='name') | join(', ') }}) as (
        {{- modules.re.sub('^(\\s*--.*\\n)*\\s*select\\b', '', code) }}
    );
{%- endmacro %}

{#- Every function, for `dbt run`, which makes none of them; after those that it calls. -#}
{% macro make_functions(keys=none) -%}
    {%- for key in (graph.functions if keys is none else keys) -%}
        {%- set made = graph.functions[key] -%}
        {{ make_functions(made.depends_on.nodes) }}
        {{ created_macro(function(made.name), made.arguments, render(made.raw_code)) }}
    {%- endfor -%}
{%- endmacro %}
