with recursive
titles as (
    select
        title_id,
        {{ pack_document('title_rows') }} as document
    from {{ ref('stg_title_rows') }} as title_rows
    where quarantine_reason is null
),

-- A batch of titles is folded until none of them has steps left, so titles with equally many steps are put together.
first_chunks as (
    select
        chunks.*,
        titles.document
    from {{ ref('replay_chunks') }} as chunks
    inner join titles on chunks.title_id = titles.title_id
    where chunks.chunk_number = 0
    order by len(chunks.steps)
),

states as (
    select
        title_id,
        document as first_document,
        chunk_number,
        last_chunk,
        list_reduce( -- noqa: PRS, RF02
            steps,
            lambda former, step: {{ function('replay_step') }}(former, step, document),
            struct_pack(
                document := document,
                committed := []::varchar[][],
                taken := []::varchar[],
                code := null::varchar,
                op_index := null::bigint,
                outcomes := []::struct(
                    replay_position bigint, code varchar, op_index bigint, has_changed boolean, before varchar[][]
                )[]
            )
        ) as state
    from first_chunks

    union all

    select
        states.title_id,
        states.first_document,
        chunks.chunk_number,
        chunks.last_chunk,
        list_reduce( -- noqa: PRS, RF02
            chunks.steps,
            lambda former, step: {{ function('replay_step') }}(former, step, states.first_document),
            -- What is carried from chunk to chunk: all but the outcomes, which belong to one chunk.
            struct_pack(
                document := states.state.document,
                committed := states.state.committed,
                taken := states.state.taken,
                code := states.state.code,
                op_index := states.state.op_index,
                outcomes := states.state.outcomes[:0]
            )
        ) as state
    from states
    inner join {{ ref('replay_chunks') }} as chunks
        on states.title_id = chunks.title_id and states.chunk_number + 1 = chunks.chunk_number
    -- Rounds after the first concern long logs only.
    where chunks.chunk_number > 0
)

select
    title_id,
    case when chunk_number = last_chunk then state.document end as document,
    list_transform( -- noqa: PRS, RF02
        state.outcomes,
        lambda outcome, nth: struct_pack(
            replay_position := outcome.replay_position,
            code := outcome.code,
            op_index := outcome.op_index,
            changes := case when outcome.has_changed then {{ function('changed_members') }}(
                coalesce(nullif(outcome.before, []), first_document),
                coalesce(state.outcomes[nth + 1].before, state.committed)
            ) end
        )
    ) as outcomes
from states

union all

select * from {{ ref('plain_states') }}
