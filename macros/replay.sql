{#- One step of the replay, as the fold's lambda has it: from `state` and `step` the next state.

    state   document   the packed document, with what the current patch has done so far
            committed  the packed document as the last patch left it
            held       what the current operation has taken from `from`
            code       why the current patch failed; null while it has not
            op_index   the operation it failed at; while it has not, the current one
            outcomes   what became of each patch since the chunk began

    A splice past an error does no harm: the commit puts the committed document back. -#}
{% macro replay_step(state, step) %}
    {%- set member = state ~ '.document[' ~ step ~ '.member]' -%}
    {%- set start = 'coalesce(' ~ step ~ '.start, len(' ~ member ~ '))' -%}
    {%- set span = 'coalesce(' ~ step ~ '.span, len(' ~ member ~ '))' -%}
    {%- set chosen = list_part(member, start, span) -%}
    {%- set items = 'coalesce(' ~ step ~ '.items, ' ~ state ~ '.held)' -%}
    {%- set has_changed = state ~ ".code is null and " ~ state ~ ".document <> " ~ state ~ ".committed" -%}
    {%- set outcome = "case when " ~ state ~ ".code is null then " ~ state ~ ".document else "
        ~ state ~ ".committed end" -%}
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
                    before := case when {{ has_changed }} then {{ state }}.committed end,
                    after := case when {{ has_changed }} then {{ state }}.document end
                ))
            else {{ state }}.outcomes
        end
    )
{% endmacro %}

{#- The state after all steps. sqlfluff knows no lambda of two parameters as DuckDB has it. -#}
{% macro fold(steps, state) %}
    list_reduce( -- noqa: PRS, RF02
        {{ steps }},
        lambda former, step: {{ replay_step('former', 'step') }},
        {{ state }}
    )
{% endmacro %}

{#- The state a title begins with. -#}
{% macro replay_state(document) %}
    struct_pack(
        document := {{ document }},
        committed := {{ document }},
        held := []::varchar[],
        code := null::varchar,
        op_index := null::bigint,
        outcomes := {{ no_outcomes() }}
    )
{% endmacro %}

{% macro no_outcomes() -%}
    []::struct(replay_position bigint, code varchar, op_index bigint, before varchar[][], after varchar[][])[]
{%- endmacro %}

{#- The text of a JSON string as JSON writes it, without the quotes; null for what is no string. What JSON
    writes with an escape is the name of no operation and of no place in the document. -#}
{% macro quoted_text(json) -%}
    case when ({{ json }}::varchar)[1] = '"' then ({{ json }}::varchar)[2:-2] end
{%- endmacro %}
