{{ config(meta={'compression': 'said'}) }}
{#- Each part of a patch of a title that is replayed without the fold costs `plain_states` one round. -#}
{%- set most_parts = 20 -%}

with
repeated_ids as (
    select patch_id
    from {{ ref('base_semantic_patches') }}
    where quarantine_reason is null
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
        {{ content_beside('title_id', 'coalesce(patches.text, lines.text)') }} as content
    from {{ ref('base_semantic_patches') }} as patches
    inner join repeated_ids on patches.patch_id = repeated_ids.patch_id
    inner join {{ source('inputs', 'lines') }} as lines
        on
            lines.input <> 'title_rows'
            and patches.file = lines.file
            and patches.line_number = lines.line_number
    where patches.quarantine_reason is null
),

judged_copies as (
    select
        file,
        line_number,
        case
            when
                min(content) over (partition by patch_id)
                <> max(content) over (partition by patch_id)
                or min(title_id) over (partition by patch_id)
                <> max(title_id) over (partition by patch_id)
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
    shapes.shape_number,
    patches.items,
    judged_copies.repetition,
    title_rows.title_id is not null as has_title,
    row_number() over in_replay_order as replay_position,
    lead(patches.line_number) over in_replay_order is null as is_last,
    title_rows.title_id is not null
    and sum(parts.part_count) over of_the_title <= {{ most_parts }}
    and bool_and(parts.part_count is not null and judged_copies.repetition is null) over of_the_title as is_plain
from {{ ref('base_semantic_patches') }} as patches
left join {{ ref('patch_shapes') }} as shapes on patches.shape = shapes.shape
left join {{ ref('shape_parts') }} as parts on shapes.shape_number = parts.shape_number and parts.part = 1
left join judged_copies
    on patches.file = judged_copies.file and patches.line_number = judged_copies.line_number
left join {{ ref('stg_title_rows') }} as title_rows
    on patches.title_id = title_rows.title_id and title_rows.quarantine_reason is null
where
    patches.quarantine_reason is null
    -- A stage reads the log alone: without title rows there is nothing to replay.
    and exists (
        select 1 from {{ source('inputs', 'files') }} as files
        where files.input = 'title_rows'
    )
window
    in_replay_order as (
        partition by patches.title_id
        order by patches.patch_seq, patches.patch_id, patches.file, patches.line_number
    ),
    -- The same order as above, so that rows are sorted once.
    of_the_title as (
        partition by patches.title_id
        order by patches.patch_seq, patches.patch_id, patches.file, patches.line_number
        rows between unbounded preceding and unbounded following
    )
