{#- Operations of RFC 6902 as SQL; `value` is SQL for any value that JSON has. -#}
{% macro op(name, path, value) -%}
    json_object('op', '{{ name }}', 'path', '{{ path }}', 'value', {{ value }})
{%- endmacro %}

{#- The id of a proposed patch, made from what it does: the same proposal has the same id always. -#}
{% macro proposal_id(rule_id, title_id, ops) -%}
    {{ rule_id }} || '-' || left(sha256(json_array({{ title_id }}, {{ ops }})::varchar), 16)
{%- endmacro %}

{#- Whether `revert-patches` was asked to revert the patch. -#}
{% macro is_reverted() -%}
    (
        file in (select value from {{ source('engine', 'reverted') }} where kind = 'file')
        or author in (select 'rule:' || value from {{ source('engine', 'reverted') }} where kind = 'rule')
        or patch_id in (select value from {{ source('engine', 'reverted') }} where kind = 'id')
    )
{%- endmacro %}

{#- How a hold_reason begins that a reviewer wrote: the title is not put on a review sheet again. -#}
{% macro reviewed_mark() -%}
    reviewed: {% endmacro %}
