-- A fold's cost grows with the square of its list's length: what a long log asks of a title is split into chunks of
-- bounded length, so that the work stays linear. Most titles have one chunk.
{%- set operations_per_chunk = 170 %}

with
patches as (
    select
        patches.title_id,
        patches.replay_position,
        patches.items,
        shapes.steps,
        len(shapes.shape) as operation_count,
        sum(len(shapes.shape)) over (partition by patches.title_id order by patches.replay_position)
            as operations_so_far,
        sum(len(shapes.shape)) over (partition by patches.title_id) as all_operations
    from {{ ref('stg_semantic_patches') }} as patches
    inner join {{ ref('patch_shapes') }} as shapes on patches.shape_number = shapes.shape_number
    where patches.has_title and patches.repetition is null and not patches.is_plain
),

-- The steps with the patch's own values, followed by a commit: a patch takes effect as a whole or not at all.
steps as (
    select
        title_id,
        operations_so_far - operation_count as former_operations,
        operation_count,
        all_operations,
        unnest(list_append(
            list_transform(
                steps,
                lambda step: struct_pack(
                    replay_position := replay_position,
                    is_commit := false,
                    op_index := step.op_index,
                    phase := step.phase,
                    action := step.action,
                    member := step.member,
                    start := step.start,
                    span := step.span,
                    items := case step.brings when 'value' then items[step.op_index + 1] when 'nothing' then [] end,
                    error := step.error
                )
            ),
            struct_pack(
                replay_position := replay_position,
                is_commit := true,
                op_index := null::bigint,
                phase := 2,
                action := 'commit',
                member := null::integer,
                start := null::bigint,
                span := null::bigint,
                items := null::varchar[],
                error := null::varchar
            )
        )) as step
    from patches
)

select
    title_id,
    -- A commit belongs to the chunk of its patch's last operation.
    ((former_operations + coalesce(step.op_index, operation_count - 1)) // {{ operations_per_chunk }})::bigint
        as chunk_number,
    ((any_value(all_operations) - 1) // {{ operations_per_chunk }})::bigint as last_chunk,
    list_sort(list(step)) as steps
from steps
group by title_id, chunk_number
