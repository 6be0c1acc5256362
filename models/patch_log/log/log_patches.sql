with
patches as (
    select
        file,
        line_number,
        title_id,
        patch_id,
        patch_seq,
        author,
        {{ function('again_base') }}(patch_id) as base_id,
        case when {{ function('is_decision') }}(patch_id) then coalesce(evidence_ref, '') end as decision,
        {{ function('undone_by') }}(evidence_ref) as undoes
    from {{ ref('base_semantic_patches') }}
    where quarantine_reason is null
),

-- An ending makes no patch the repetition of another: that is one of what the log has of the title, word for word,
-- and had undone before.
undos as (
    select
        title_id,
        patch_seq,
        unnest(undoes) as undone_id
    from patches
    where undoes is not null
),

repeated as materialized (
    select
        patches.file,
        patches.line_number,
        firsts.patch_id as first_id,
        firsts.file as first_file,
        firsts.line_number as first_line_number
    from patches
    inner join undos
        on
            patches.title_id = undos.title_id
            and patches.base_id = undos.undone_id
            and patches.patch_seq >= undos.patch_seq
    inner join patches as firsts on undos.title_id = firsts.title_id and undos.undone_id = firsts.patch_id
),

-- Materialized, so that lines are not joined with each other by what they do: thousands of titles have the same.
worded as materialized (
    select
        repeated.*,
        json_extract(lines.text, '/ops') as ops
    from repeated
    inner join {{ source('inputs', 'lines') }} as lines
        on
            lines.input = 'semantic_patches'
            and repeated.file = lines.file
            and repeated.line_number = lines.line_number
),

repetitions as (
    select distinct
        worded.file,
        worded.line_number,
        worded.first_id
    from worded
    inner join {{ source('inputs', 'lines') }} as lines
        on
            lines.input = 'semantic_patches'
            and worded.first_file = lines.file
            and worded.first_line_number = lines.line_number
            and worded.ops = json_extract(lines.text, '/ops')
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
        patches.* exclude (base_id), -- noqa: RF02
        coalesce(repetitions.first_id, patches.patch_id) as first_id,
        coalesce(list_contains(undone.patch_ids, patches.patch_id), false) as is_undone
    from patches
    left join undone on patches.title_id = undone.title_id
    left join repetitions on patches.file = repetitions.file and patches.line_number = repetitions.line_number
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
