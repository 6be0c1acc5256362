-- A fold copies its list's outcomes at every step: a title's steps come in chunks of bounded length,
-- so that the work stays linear in the length of a log.
{%- set steps_per_chunk = 512 %}

select
    title_id,
    (step_number - 1) // {{ steps_per_chunk }} as chunk_number,
    list_sort(list(struct_pack(
        step_number := step_number,
        replay_position := replay_position,
        op_index := op_index,
        action := action,
        member := member,
        start := start,
        span := span,
        items := items,
        error := error
    ))) as steps,
    max(max(step_number)) over (partition by title_id) = max(step_number) as is_last
from {{ ref('replay_steps') }}
group by title_id, chunk_number
