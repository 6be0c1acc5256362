{#- The job that dbt was asked to do whole, by its selector; without one it is the replay. None where the
    command line picks nodes by itself. Kinds of nodes that are left out, as dbt's variables can do without
    a word on the command line, make no other job of it, but one that may not be done. -#}
{% macro current_job() %}
    {%- set given = invocation_args_dict -%}
    {%- if given.get('select') or given.get('exclude') -%}{{- return(none) -}}{%- endif -%}
    {{- return(given.get('selector') or 'semantic-patch-replay') -}}
{% endmacro %}
