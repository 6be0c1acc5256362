with recursive
titles as (
    select
        title_id,
        {{ pack_document('title_rows') }} as document
    from {{ ref('stg_title_rows') }} as title_rows
    where quarantine_reason is null
),

states as (
    select
        titles.title_id,
        titles.document as first_document,
        chunks.chunk_number,
        list_reduce( -- noqa: PRS, RF02
            chunks.steps,
            lambda former, step: {{ function('replay_step') }}(former, step, titles.document),
            struct_pack(
                document := titles.document,
                committed := []::varchar[][],
                taken := []::varchar[],
                code := null::varchar,
                op_index := null::bigint,
                outcomes := []::struct(
                    replay_position bigint, code varchar, op_index bigint, has_changed boolean, before varchar[][]
                )[]
            )
        ) as state
    from titles
    inner join {{ ref('replay_chunks') }} as chunks
        on titles.title_id = chunks.title_id and chunks.chunk_number = 0

    union all

    select
        states.title_id,
        states.first_document,
        chunks.chunk_number,
        list_reduce( -- noqa: PRS, RF02
            chunks.steps,
            lambda former, step: {{ function('replay_step') }}(former, step, states.first_document),
            -- What stays between chunks: all but the outcomes, which are this chunk's own.
            struct_update(states.state, outcomes := states.state.outcomes[:0])
        ) as state
    from states
    inner join {{ ref('replay_chunks') }} as chunks
        on states.title_id = chunks.title_id and states.chunk_number + 1 = chunks.chunk_number
    -- The rounds after the first look at long logs only.
    where chunks.chunk_number > 0
)

select
    title_id,
    chunk_number,
    state.document,
    -- With the document before and after each patch that changed it.
    list_transform( -- noqa: PRS, RF02
        state.outcomes,
        lambda outcome, nth: struct_pack(
            replay_position := outcome.replay_position,
            code := outcome.code,
            op_index := outcome.op_index,
            before := case
                when outcome.has_changed then coalesce(nullif(outcome.before, []), first_document)
            end,
            after := case
                when outcome.has_changed then coalesce(state.outcomes[nth + 1].before, state.committed)
            end
        )
    ) as outcomes
from states

union all

select * from {{ ref('plain_states') }}
