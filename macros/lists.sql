{#- `span` elements of a list from `start` (counted from 0) on. -#}
{% macro list_part(list, start, span) -%}
    list_slice({{ list }}, {{ start }} + 1, {{ start }} + {{ span }})
{%- endmacro %}

{#- The list with `span` elements from `start` (counted from 0) on replaced by `items`. -#}
{% macro list_splice(list, start, span, items) -%}
    list_concat(
        list_slice({{ list }}, 1, {{ start }}),
        {{ items }},
        list_slice({{ list }}, {{ start }} + {{ span }} + 1, len({{ list }}))
    )
{%- endmacro %}

{#- The elements of a list that another does not have. -#}
{% macro list_without(list, other) -%}
    list_filter({{ list }}, lambda element: not list_contains({{ other }}, element))
{%- endmacro %}
