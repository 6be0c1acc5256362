-- A fold copies its list's outcomes at every step: a title's patches come in chunks of bounded number,
-- so that the work stays linear in the length of a log.
{%- set patches_per_chunk = 64 %}

with
-- The chunks of long logs, counted anew: one whose patches are all set aside leaves no gap.
numbers as (
    select
        title_id,
        chunk,
        row_number() over (partition by title_id order by chunk) - 1 as chunk_number
    from (
        select distinct
            title_id,
            (replay_position - 1) // {{ patches_per_chunk }} as chunk
        from {{ ref('replay_operations') }}
        where
            title_id in (
                select far.title_id from {{ ref('replay_operations') }} as far
                where far.replay_position > {{ patches_per_chunk }}
            )
    ) as chunks
),

chunks as (
    select
        title_id,
        (replay_position - 1) // {{ patches_per_chunk }} as chunk,
        list_sort(list(struct_pack(
            replay_position := replay_position,
            -- A commit has none, and comes last.
            op_index := op_index,
            phase := phase,
            action := action,
            member := member,
            start := start,
            span := span,
            items := items,
            error := error
        ))) as steps
    from {{ ref('replay_steps') }}
    group by title_id, chunk
)

select
    chunks.title_id,
    coalesce(numbers.chunk_number, 0) as chunk_number,
    chunks.steps
from chunks
left join numbers on chunks.title_id = numbers.title_id and chunks.chunk = numbers.chunk
