{#- The SQL of another model, over other parents: each parent that has a twin, a model called by `prefix` and
    its name, is read as that twin. What is a rule there is one here, and neither model depends on the other.
    dbt reads no parents out of it: the twin names its own in a line `depends_on`, and fails without. -#}
{% macro twin_of(name, prefix) %}
    {%- if execute -%}
        {%- set code = namespace(sql=graph.nodes['model.' ~ project_name ~ '.' ~ name].raw_code) -%}
        {%- for key in model.depends_on.nodes -%}
            {%- set parent = key.split('.')[-1] -%}
            {%- if parent.startswith(prefix ~ '_') -%}
                {%- set code.sql = code.sql | replace("ref('" ~ parent[prefix | length + 1:] ~ "')", "ref('" ~ parent ~ "')") -%}
            {%- endif -%}
        {%- endfor -%}
        {{- render(code.sql) -}}
    {%- else -%}
        select 1
    {%- endif -%}
{% endmacro %}
