{#- The elements of a list that another does not have. -#}
{% macro list_without(list, other) -%}
    list_filter({{ list }}, lambda element: not list_contains({{ other }}, element))
{%- endmacro %}
