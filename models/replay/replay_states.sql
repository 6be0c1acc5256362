with recursive
states as (
    select
        title_id,
        -1::bigint as chunk_number,
        {{ replay_state(pack_document('title_rows')) }} as state,
        false as is_last
    from {{ ref('stg_title_rows') }} as title_rows
    where
        title_rows.quarantine_reason is null
        and title_rows.title_id in (select chunks.title_id from {{ ref('replay_chunks') }} as chunks)

    union all

    select
        states.title_id,
        chunks.chunk_number,
        -- sqlfluff knows no lambda of two parameters as DuckDB has it.
        list_reduce( -- noqa: PRS, RF02
            chunks.steps,
            lambda former, step: {{ replay_step('former', 'step') }},
            -- What stays between chunks: all but the outcomes, which are this chunk's own.
            struct_update(states.state, outcomes := {{ no_outcomes() }})
        ) as state,
        chunks.is_last
    from states
    inner join {{ ref('replay_chunks') }} as chunks
        on states.title_id = chunks.title_id and states.chunk_number + 1 = chunks.chunk_number
)

select
    title_id,
    chunk_number,
    is_last,
    state.document,
    state.outcomes
from states
where chunk_number >= 0
