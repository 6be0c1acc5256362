-- A splice after an error does no harm: the commit restores the former document.
select
    struct_pack(
        document := case
            when step.action = 'commit' and state.code is not null
                then coalesce(nullif(state.committed, []), first_document)
            when state.code is not null then state.document
            when step.action in ('splice', 'cut')
                then {{ function('list_splice') }}(
                    state.document,
                    step.member - 1,
                    1,
                    [{{ function('list_splice') }}(
                        state.document[step.member],
                        step.start,
                        step.span,
                        case when step.action = 'splice' then coalesce(step.items, state.taken) else [] end
                    )]
                )
            else state.document
        end,
        committed := case
            when step.action <> 'commit' then state.committed
            when state.code is null then state.document
            else coalesce(nullif(state.committed, []), first_document)
        end,
        taken := case
            when step.action in ('take', 'cut')
                then {{ function('list_part') }}(state.document[step.member], step.start, step.span)
            else state.taken
        end,
        code := case
            when step.action = 'commit' then null
            when state.code is not null then state.code
            when step.start + step.span > len(state.document[step.member]) then 'path_not_found'
            when step.error is not null then step.error
            -- What was taken is null, and a list cannot hold null.
            when
                step.action = 'splice' and step.items is null and step.span is not null and len(state.taken) = 0
                then 'value_invalid'
            when
                step.action = 'test'
                and {{ function('list_part') }}(state.document[step.member], step.start, step.span) <> step.items
                then 'test_failed'
        end,
        op_index := case when state.code is null then step.op_index else state.op_index end,
        outcomes := case
            when step.action <> 'commit' then state.outcomes
            else list_append(state.outcomes, struct_pack(
                replay_position := step.replay_position,
                code := state.code,
                op_index := case when state.code is not null then state.op_index end,
                has_changed := state.code is null
                and state.document <> coalesce(nullif(state.committed, []), first_document),
                before := state.committed
            ))
        end
    )
