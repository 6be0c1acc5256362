{#- The job that dbt was asked to do whole, by its selector; without one it is the replay. None where the
    command line picks nodes by itself. Kinds of nodes that are left out, as dbt's variables can do without
    a word on the command line, make no other job of it, but one that may not be done. -#}
{% macro current_job() %}
    {%- set given = invocation_args_dict -%}
    {%- if given.get('select') or given.get('exclude') -%}{{- return(none) -}}{%- endif -%}
    {{- return(given.get('selector') or 'semantic-patch-replay') -}}
{% endmacro %}

{#- Name and kind of a job's nodes, and of the data tests on them, that a run left out. dbt's `graph` names
    every node but unit tests, which say nothing of the data: a build without them is whole. -#}
{% macro nodes_left_out(job, results) %}
    {%- set ran = results | map(attribute='unique_id') | list -%}
    {%- set built = [] -%}
    {%- for node in graph.nodes.values() if job in node.tags -%}
        {%- do built.append(node.unique_id) -%}
    {%- endfor -%}
    {%- set missing = [] -%}
    {%- for node in graph.nodes.values() if node.unique_id not in ran -%}
        {%- set on = node.depends_on.nodes | reject('in', graph.sources) | reject('in', built) | list -%}
        {%- if node.unique_id in built
            or (node.resource_type == 'test' and node.depends_on.nodes and not on) -%}
            {%- do missing.append((node.name, node.resource_type | string)) -%}
        {%- endif -%}
    {%- endfor -%}
    {{- return(missing) -}}
{% endmacro %}
