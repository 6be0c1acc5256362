{{ config(meta={'compression': 'said'}) }}

-- A stage reads the log alone: without title rows there is nothing to replay.
with
patches as (
    select
        file,
        line_number,
        title_id,
        patch_id,
        patch_seq,
        author,
        reason,
        ops,
        text
    from {{ ref('base_semantic_patches') }}
    where
        quarantine_reason is null
        and exists (
            select 1 from {{ source('inputs', 'files') }} as files
            where files.input = 'title_rows'
        )
),

repeated_ids as (
    select patch_id
    from patches
    group by patch_id
    having count(*) > 1
),

copies as (
    select
        patches.file,
        patches.line_number,
        patches.patch_id,
        patches.title_id,
        patches.patch_seq,
        {{ function('json_content') }}(coalesce(patches.text, lines.text)) as content
    from patches
    inner join repeated_ids on patches.patch_id = repeated_ids.patch_id
    inner join {{ source('inputs', 'lines') }} as lines
        on
            lines.input <> 'title_rows'
            and patches.file = lines.file
            and patches.line_number = lines.line_number
),

judged_copies as (
    select
        file,
        line_number,
        case
            when
                min(content) over (partition by patch_id)
                <> max(content) over (partition by patch_id)
                then 'conflict'
            when row_number() over (partition by patch_id order by file, line_number) > 1
                then 'duplicate'
        end as repetition
    from copies
)

select
    patches.file,
    patches.line_number,
    patches.title_id,
    patches.patch_seq,
    patches.patch_id,
    patches.author,
    patches.reason,
    {{ function('patch_shape') }}(patches.ops) as shape,
    {{ function('patch_items') }}(patches.ops) as items,
    judged_copies.repetition,
    title_rows.title_id is not null as has_title,
    row_number() over in_replay_order as replay_position,
    lead(patches.line_number) over in_replay_order is null as is_last
from patches
left join judged_copies
    on patches.file = judged_copies.file and patches.line_number = judged_copies.line_number
left join {{ ref('stg_title_rows') }} as title_rows
    on patches.title_id = title_rows.title_id and title_rows.quarantine_reason is null
window
    in_replay_order as (
        partition by patches.title_id
        order by patches.patch_seq, patches.patch_id, patches.file, patches.line_number
    )
