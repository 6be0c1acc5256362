{#- One step of the replay, as the fold's lambda has it: from `state` and `step` the next state.

    state   document   the packed document, with what the current patch has done so far
            committed  the packed document as the last patch left it; empty before the first commit
            held       what the current operation has taken from `from`
            code       why the current patch failed; null while it has not
            op_index   the operation it failed at; while it has not, the current one
            outcomes   what became of each patch since the chunk began; `before` is `committed` then

    A splice past an error does no harm: the commit puts the former document back. `first` is the
    document that the title begins with: a state that carried it would be copied at every step, as
    would one with the document after each patch, which is the one before the next. -#}
{% macro replay_step(state, step, first) %}
    {%- set member = state ~ '.document[' ~ step ~ '.member]' -%}
    {%- set start = 'coalesce(' ~ step ~ '.start, len(' ~ member ~ '))' -%}
    {%- set span = 'coalesce(' ~ step ~ '.span, len(' ~ member ~ '))' -%}
    {%- set chosen = list_part(member, start, span) -%}
    {%- set items = 'coalesce(' ~ step ~ '.items, ' ~ state ~ '.held)' -%}
    {%- set former -%}
        case when len({{ state }}.committed) = 0 then {{ first }} else {{ state }}.committed end
    {%- endset -%}
    {%- set outcome -%}
        case when {{ state }}.code is null then {{ state }}.document else {{ former }} end
    {%- endset -%}
    struct_pack(
        document := case
            when {{ step }}.action = 'commit' then {{ outcome }}
            when {{ state }}.code is not null then {{ state }}.document
            when {{ step }}.action = 'splice' then
                {{ list_splice(
                    state ~ '.document', step ~ '.member - 1', 1,
                    '[' ~ list_splice(member, start, span, items) ~ ']'
                ) }}
            when {{ step }}.action = 'cut' then
                {{ list_splice(
                    state ~ '.document', step ~ '.member - 1', 1,
                    '[' ~ list_splice(member, start, span, '[]') ~ ']'
                ) }}
            else {{ state }}.document
        end,
        committed := case
            when {{ step }}.action = 'commit' then {{ outcome }} else {{ state }}.committed
        end,
        held := case
            when {{ step }}.action in ('take', 'cut') then {{ chosen }} else {{ state }}.held
        end,
        code := case
            when {{ step }}.action = 'commit' then null
            when {{ state }}.code is not null then {{ state }}.code
            when {{ start }} + {{ span }} > len({{ member }}) then 'path_not_found'
            when {{ step }}.error is not null then {{ step }}.error
            -- Null has been taken, and a list has no place for it.
            when
                {{ step }}.action = 'splice' and {{ step }}.items is null
                and {{ step }}.span is not null and len({{ state }}.held) = 0
                then 'value_invalid'
            when {{ step }}.action = 'test' and {{ chosen }} <> {{ step }}.items then 'test_failed'
        end,
        op_index := case
            when {{ state }}.code is null then {{ step }}.op_index else {{ state }}.op_index
        end,
        outcomes := case
            when {{ step }}.action = 'commit'
                then list_append({{ state }}.outcomes, struct_pack(
                    replay_position := {{ step }}.replay_position,
                    code := {{ state }}.code,
                    op_index := case when {{ state }}.code is not null then {{ state }}.op_index end,
                    has_changed := {{ state }}.code is null and {{ state }}.document <> {{ former }},
                    before := {{ state }}.committed
                ))
            else {{ state }}.outcomes
        end
    )
{% endmacro %}

{#- The state after all steps, of a title that began with the document `first`. sqlfluff knows no lambda of
    two parameters as DuckDB has it. -#}
{% macro fold(steps, state, first) %}
    list_reduce( -- noqa: PRS, RF02
        {{ steps }},
        lambda former, step: {{ replay_step('former', 'step', first) }},
        {{ state }}
    )
{% endmacro %}

{#- The state a title begins with. -#}
{% macro replay_state(document) %}
    struct_pack(
        document := {{ document }},
        committed := []::varchar[][],
        held := []::varchar[],
        code := null::varchar,
        op_index := null::bigint,
        outcomes := {{ no_outcomes() }}
    )
{% endmacro %}

{#- The outcomes of a state, with the packed document before and after each patch that changed it. -#}
{% macro outcomes_with_documents(state, first) -%}
    list_transform( -- noqa: PRS, RF02
        {{ state }}.outcomes,
        lambda outcome, nth: struct_pack(
            replay_position := outcome.replay_position,
            code := outcome.code,
            op_index := outcome.op_index,
            before := case
                when not outcome.has_changed then null
                when len(outcome.before) = 0 then {{ first }}
                else outcome.before
            end,
            after := case
                when outcome.has_changed
                    then coalesce({{ state }}.outcomes[nth + 1].before, {{ state }}.committed)
            end
        )
    )
{%- endmacro %}

{% macro no_outcomes() -%}
    []::struct(replay_position bigint, code varchar, op_index bigint, has_changed boolean, before varchar[][])[]
{%- endmacro %}

{#- The text of a JSON string as JSON writes it, without the quotes; null for what is no string. What JSON
    writes with an escape is the name of no operation and of no place in the document. -#}
{% macro quoted_text(json) -%}
    case when ({{ json }}::varchar)[1] = '"' then ({{ json }}::varchar)[2:-2] end
{%- endmacro %}
