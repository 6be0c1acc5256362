with
patches as (
    select
        file,
        line_number,
        title_id,
        patch_id,
        patch_seq,
        author,
        {{ function('again_family') }}(patch_id) as first_id,
        {{ function('again_number') }}(patch_id) as number,
        case when {{ function('is_decision') }}(patch_id) then coalesce(evidence_ref, '') end as decision,
        {{ function('undone_by') }}(evidence_ref) as undoes
    from {{ ref('base_semantic_patches') }}
    where quarantine_reason is null
),

undone as (
    select
        title_id,
        {{ function('undone_ids') }}({{ undos_newest_first() }}, []::varchar[]) as patch_ids
    from patches
    group by title_id
    having bool_or(undoes is not null)
),

judged as (
    select
        patches.*,
        coalesce(list_contains(undone.patch_ids, patches.patch_id), false) as is_undone
    from patches
    left join undone on patches.title_id = undone.title_id
),

newest_decisions as (
    select
        title_id,
        max_by(patch_id, (patch_seq, patch_id)) as patch_id
    from judged
    where decision is not null and not is_undone
    group by title_id
)

select
    judged.*,
    coalesce(judged.decision is not null and judged.patch_id <> newest.patch_id, false) as is_superseded
from judged
left join newest_decisions as newest on judged.title_id = newest.title_id
