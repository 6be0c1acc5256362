with recursive
states as (
    select
        title_rows.title_id,
        chunks.chunk_number,
        {{ fold('chunks.steps', replay_state(pack_document('title_rows'))) }} as state
    from {{ ref('stg_title_rows') }} as title_rows
    inner join {{ ref('replay_chunks') }} as chunks
        on title_rows.title_id = chunks.title_id and chunks.chunk_number = 0
    where title_rows.quarantine_reason is null

    union all

    select
        states.title_id,
        chunks.chunk_number,
        -- What stays between chunks: all but the outcomes, which are this chunk's own.
        {{ fold('chunks.steps', 'struct_update(states.state, outcomes := ' ~ no_outcomes() ~ ')') }} as state
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
    state.outcomes
from states
