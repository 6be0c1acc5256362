{{ config(post_hook=[stage_as_jsonl(['title_id']), stage_as_csv(['title_id'])]) }}

-- Without score or verdict, and with the choices in an order that reveals nothing: the review is blind.
select
    title_id,
    coalesce(clean_title, source_title) as title,
    list_sort(list_transform(
        candidates,
        lambda c: c.source_ref || ' = ' || coalesce(c.occupation_title, '') || ' (' || c.evidence_title || ')'
    )) as choices,
    null::varchar as decision,
    null::varchar as reviewer,
    null::varchar as note
from {{ ref('hold_mining_v1') }}
where verdict = 'review'
