with recursive
numbered_caveats as (
    select
        *,
        row_number() over (partition by title_id order by position) as nth
    from {{ ref('fresh_flags') }}
    where flag <> 'hold' and not list_contains(caveats, flag)
),

-- Each caveat's patch tests the list as the caveats before it leave it; a caveat that a person has declined leaves the
-- list as it was.
chain as (
    select
        title_id,
        0 as nth,
        null::json as ops,
        null::varchar as first_id,
        true as is_refused, -- The start of the chain, not a caveat.
        caveats
    from numbered_caveats
    where nth = 1

    union all

    select
        next_caveats.title_id,
        next_caveats.nth,
        to_json(
            [
                {{ function('operation') }}('test', '/caveats', chain.caveats),
                {{ function('operation') }}('add', '/caveats/-', next_caveats.flag)
            ]
            || case
                when next_caveats.rests_on is null then []
                else [json_object('op', 'test', 'path', next_caveats.rests_on, 'value', next_caveats.refs)]
            end
        ) as made,
        {{ function('proposal_id') }}(next_caveats.rule_id, next_caveats.title_id, made) as made_id,
        {{ is_declined('made_id') }} as is_declined,
        case
            when {{ is_declined('made_id') }} then chain.caveats else list_append(chain.caveats, next_caveats.flag)
        end as caveats
    from chain
    inner join numbered_caveats as next_caveats
        on chain.title_id = next_caveats.title_id and chain.nth + 1 = next_caveats.nth
),

holds as (
    select
        title_id,
        position,
        rule_id,
        why,
        json_array(
            {{ function('operation') }}('test', '/hold_reason', null),
            {{ function('operation') }}('replace', '/hold_reason', why)
        ) as ops,
        {{ function('proposal_id') }}(rule_id, title_id, ops) as first_id
    from {{ ref('fresh_flags') }}
    where flag = 'hold' and hold_reason is null
),

proposed as (
    select
        caveats.title_id,
        3 as kind_position,
        caveats.position,
        caveats.rule_id,
        caveats.why as reason,
        caveats.half,
        chain.ops,
        chain.first_id
    from chain
    inner join numbered_caveats as caveats on chain.title_id = caveats.title_id and chain.nth = caveats.nth
    where not chain.is_refused

    union all by name

    -- One reason is enough to hold a title.
    select
        title_id,
        4 as kind_position,
        position,
        rule_id,
        why as reason,
        ops,
        first_id
    from holds
    where not {{ is_declined('first_id') }}
    qualify row_number() over (partition by title_id order by position) = 1
)

select
    proposed.* exclude (first_id), -- noqa: RF02
    {{ function('again_id') }}(proposed.first_id, log.last_number) as patch_id
from proposed
left join {{ ref('log_families') }} as log on proposed.first_id = log.first_id
where not coalesce(log.is_in_force, false)
