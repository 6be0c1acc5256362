-- A fold's cost grows with the square of its list's length: what a long log asks of a title comes in
-- chunks of bounded length, so that the work stays linear. Most titles have one chunk.
{%- set operations_per_chunk = 170 %}

with
long_logs as (
    select title_id
    from {{ ref('replay_operations') }}
    group by title_id
    having count(*) > {{ operations_per_chunk }}
),

patches as (
    select
        operations.title_id,
        operations.replay_position,
        count(*) as operation_count
    from {{ ref('replay_operations') }} as operations
    inner join long_logs on operations.title_id = long_logs.title_id
    group by operations.title_id, operations.replay_position
),

long_patches as (
    select
        *,
        sum(operation_count) over (partition by title_id order by replay_position)
        - operation_count as former_operations,
        sum(operation_count) over (partition by title_id) as all_operations
    from patches
)

select
    steps.title_id,
    -- A commit goes with its patch's last operation.
    coalesce(
        (long_patches.former_operations + coalesce(steps.op_index, long_patches.operation_count - 1))
        // {{ operations_per_chunk }},
        0
    )::bigint as chunk_number,
    coalesce((any_value(long_patches.all_operations) - 1) // {{ operations_per_chunk }}, 0)::bigint as last_chunk,
    list_sort(list(struct_pack(
        replay_position := steps.replay_position,
        is_commit := steps.op_index is null,
        op_index := steps.op_index,
        phase := steps.phase,
        action := steps.action,
        member := steps.member,
        start := steps.start,
        span := steps.span,
        items := steps.items,
        error := steps.error
    ))) as steps
from {{ ref('replay_steps') }} as steps
left join long_patches
    on steps.title_id = long_patches.title_id and steps.replay_position = long_patches.replay_position
group by steps.title_id, chunk_number
