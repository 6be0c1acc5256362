{#- The SQL of another model, over other parents: each parent that has a twin, a model named `prefix` and the parent's
    name, is replaced by that twin. So each rule exists once, and neither model depends on the other. dbt cannot see the
    parents in this SQL: the twin lists them in a line `depends_on`, and fails without it. -#}
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
