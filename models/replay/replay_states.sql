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
        {{ fold('chunks.steps', replay_state('titles.document'), 'titles.document') }} as state
    from titles
    inner join {{ ref('replay_chunks') }} as chunks
        on titles.title_id = chunks.title_id and chunks.chunk_number = 0

    union all

    select
        states.title_id,
        states.first_document,
        chunks.chunk_number,
        -- What stays between chunks: all but the outcomes, which are this chunk's own.
        {{ fold(
            'chunks.steps', 'struct_update(states.state, outcomes := ' ~ no_outcomes() ~ ')', 'states.first_document'
        ) }} as state
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
    {{ outcomes_with_documents('state', 'first_document') }} as outcomes
from states
