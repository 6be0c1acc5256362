{#- Operations of RFC 6902 as SQL; `value` is SQL for any value that JSON has. -#}
{% macro op(name, path, value) -%}
    json_object('op', '{{ name }}', 'path', '{{ path }}', 'value', {{ value }})
{%- endmacro %}

{#- The id of a proposed patch, made from what it does: the same proposal has the same id always. -#}
{% macro proposal_id(rule_id, title_id, ops) -%}
    {{ rule_id }} || '-' || left(sha256(json_array({{ title_id }}, {{ ops }})::varchar), 16)
{%- endmacro %}

{#- A patch that is made again after an undo has its first id and, after a tilde, a number. -#}
{% macro again_family(patch_id) -%}
    regexp_replace({{ patch_id }}, '~[0-9]{1,9}$', '')
{%- endmacro %}

{% macro again_number(patch_id) -%}
    coalesce(try_cast(regexp_extract({{ patch_id }}, '~([0-9]{1,9})$', 1) as bigint), 1)
{%- endmacro %}

{% macro again_id(family, last_number) -%}
    {{ family }} || coalesce('~' || ({{ last_number }} + 1), '')
{%- endmacro %}

{#- Whether a person has declined the patch of this first id, or one that repeats it. -#}
{% macro is_declined(first_id) -%}
    {{ first_id }} in (select first_id from {{ ref('declined_ids') }})
{%- endmacro %}

{#- The place of a title's `nth` new patch, from 1, above all that the log has for the title. Below the
    greatest number that there is, for a log may hold that. -#}
{% macro seq_after(last_patch_seq, nth=1) -%}
    least(coalesce({{ last_patch_seq }}, 0), 9223372036854000000) + {{ nth }}
{%- endmacro %}

{#- Whether a patch is what a person decided in a review sheet. -#}
{% macro is_decision(patch_id) -%}
    regexp_matches({{ patch_id }}, '^review-[0-9a-f]{16}(~[0-9]+)?$')
{%- endmacro %}

{#- How a patch says in its evidence_ref what it undoes, and what it says there; null where nothing. -#}
{% macro undoing(patch_ids) -%}
    'reverts: ' || to_json({{ patch_ids }})::varchar
{%- endmacro %}

{% macro undone_by(evidence_ref) -%}
    case
        when starts_with({{ evidence_ref }}, 'reverts: [') then
            try_cast(try_cast(substr({{ evidence_ref }}, 10) as json) as varchar[])
    end
{%- endmacro %}

{#- The ids that a title's undos leave undone, `already` among them. The newest undo, the first in the list,
    counts first: another one that it undoes does nothing any more. -#}
{% macro undone_ids(undos, already) -%}
    list_reduce( -- noqa: PRS, RF02
        {{ undos }},
        lambda ids, undo: case when list_contains(ids, undo.patch_id) then ids else ids || undo.undoes end,
        {{ already }}
    )
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
