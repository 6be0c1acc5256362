{#- Whether a person has declined the patch of this first id, or one that repeats it. -#}
{% macro is_declined(first_id) -%}
    {{ first_id }} in (select first_id from {{ ref('declined_ids') }})
{%- endmacro %}

{#- A title's undos, the newest first. -#}
{% macro undos_newest_first() -%}
    list_sort(
        list(struct_pack(patch_seq := patch_seq, patch_id := patch_id, undoes := undoes))
            filter (undoes is not null),
        'desc'
    )
{%- endmacro %}

{#- How a hold_reason begins that a reviewer wrote: the title is not put on a review sheet again. -#}
{% macro reviewed_mark() -%}
    reviewed: {% endmacro %}
