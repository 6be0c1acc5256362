{#- The operations that write a title's occupation code, if there is one and the title wants it. -#}
{% macro operations_for_code(wants_code, code) -%}
    case
        when {{ wants_code }} and {{ code }} is not null
            then [
                {{ function('operation') }}('test', '/occupation_code', null),
                {{ function('operation') }}('add', '/occupation_code', {{ code }})
            ]
        else []
    end
{%- endmacro %}

{#- Whether a person has declined the patch with this first id, or a repetition of it. -#}
{% macro is_declined(first_id) -%}
    {{ first_id }} in (select first_id from {{ ref('declined_ids') }})
{%- endmacro %}

{#- Why a title's nth new patch cannot come after everything that the log, a row of `log_titles`, has for the title;
    null where it can. -#}
{% macro no_place_behind(log, nth=1) -%}
    case
        when {{ function('seq_after') }}({{ log }}.last_patch_seq, {{ nth }}) - {{ nth }} < {{ log }}.last_patch_seq
            then
                'no patch_seq is left after ' || {{ log }}.last_patch_id || ' of the log, which has '
                || {{ log }}.last_patch_seq || ': give that patch a lower one in its file'
    end
{%- endmacro %}

{#- A title's undos, the newest first. -#}
{% macro undos_newest_first() -%}
    list_sort(
        list(struct_pack(patch_seq := patch_seq, patch_id := patch_id, undoes := undoes))
            filter (undoes is not null),
        'desc'
    )
{%- endmacro %}

{#- How a hold_reason written by a reviewer begins: such a title is not put on a review sheet again. -#}
{% macro reviewed_mark() -%}
    reviewed: {% endmacro %}

{#- The caveat of a title whose evidence, a row of `harvest_candidates`, is not certain. -#}
{% macro caveat_of_evidence(match) -%}
    case
        when {{ match }}.listed_under > 1 then 'ambiguous_evidence'
        when {{ match }}.is_listed then 'uncertain_evidence'
        else 'near_evidence_only'
    end
{%- endmacro %}

{#- Whether a title has one of these caveats: another would contradict it. -#}
{% macro has_caveat_of_evidence(caveats) -%}
    list_has_any({{ caveats }}, ['ambiguous_evidence', 'uncertain_evidence', 'near_evidence_only'])
{%- endmacro %}
