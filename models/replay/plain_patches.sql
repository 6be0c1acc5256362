{#- Each patch of a title is a round of `plain_states`. -#}
{%- set most_patches = 20 -%}

with
patches as (
    select
        patches.title_id,
        patches.replay_position,
        patches.is_last,
        patches.items,
        shapes.shape_number,
        shapes.is_plain and patches.repetition is null and patches.replay_position <= {{ most_patches }} as is_plain
    from {{ ref('stg_semantic_patches') }} as patches
    inner join {{ ref('patch_shapes') }} as shapes on patches.shape = shapes.shape
    where patches.has_title
)

select * exclude (is_plain) from patches
where
    title_id not in (
        select unlike.title_id from patches as unlike
        where not unlike.is_plain
    )
