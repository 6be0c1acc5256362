{#- The job that dbt was asked to run as a whole, by its selector; without a selector, the replay. None where the nodes
    are selected by hand. Leaving out a kind of nodes, which dbt's environment variables can do with nothing on the
    command line, does not make it a different job, but one that may not publish. -#}
{% macro current_job() %}
    {%- set given = invocation_args_dict -%}
    {%- if given.get('select') or given.get('exclude') -%}{{- return(none) -}}{%- endif -%}
    {{- return(given.get('selector') or 'semantic-patch-replay') -}}
{% endmacro %}
