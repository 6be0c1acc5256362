{#- The job that the command line asks for, by its selector; without one it is the replay. None where
    the command line picks nodes by itself. -#}
{% macro current_job() %}
    {%- set given = invocation_args_dict -%}
    {%- if given.get('select') or given.get('exclude') or given.get('resource_types')
        or given.get('exclude_resource_types') -%}
        {{- return(none) -}}
    {%- endif -%}
    {{- return(given.get('selector') or 'semantic-patch-replay') -}}
{% endmacro %}

{#- Whether the job ran with every node of its tag and every test on these. dbt's `graph` names every
    node but unit tests; a selector never leaves these out. -#}
{% macro is_whole_build(results) %}
    {%- set job = current_job() -%}
    {%- if job is none or flags.WHICH != 'build' -%}{{- return(false) -}}{%- endif -%}
    {%- set ran = results | map(attribute='unique_id') | list -%}
    {%- set built = [] -%}
    {%- for node in graph.nodes.values() if job in node.tags -%}
        {%- do built.append(node.unique_id) -%}
    {%- endfor -%}
    {%- set judged = [] -%}
    {%- for node in graph.nodes.values() if node.resource_type == 'test' -%}
        {%- if node.depends_on.nodes | reject('in', graph.sources) | reject('in', built) | list | length == 0 -%}
            {%- do judged.append(node.unique_id) -%}
        {%- endif -%}
    {%- endfor -%}
    {{- return((built + judged) | reject('in', ran) | list | length == 0) -}}
{% endmacro %}
