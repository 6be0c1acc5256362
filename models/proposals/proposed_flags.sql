with
flags as (
    select
        title_id,
        10 + position as position,
        rule_id,
        flag
    from {{ ref('flagged_titles') }}
    union all
    select
        title_id,
        1 as position,
        rule_id,
        'grade_not_in_evidence' as flag
    from {{ ref('title_matches') }}
    where rule_id = 'grade'
    union all
    select
        title_id,
        2 as position,
        'ambiguity' as rule_id,
        'ambiguous_evidence' as flag
    from {{ ref('title_matches') }}
    where is_ambiguous
    union all
    select
        title_id,
        3 as position,
        'near_only' as rule_id,
        'near_evidence_only' as flag
    from {{ ref('title_matches') }}
    where match_status = 'near'
    union all
    select
        title_id,
        4 as position,
        rule_id,
        'compound_title' as flag
    from {{ ref('title_matches') }}
    where rule_id = 'compound'
    union all
    select distinct
        title_id,
        5 as position,
        'unknown_part' as rule_id,
        'unknown_part' as flag
    from {{ ref('title_segments') }}
    where kind = 'unknown'
),

-- A rule flags a title once: what a person takes away again stays away.
fresh_flags as (
    select
        flags.*,
        rules.why,
        replayed.caveats,
        replayed.hold_reason
    from flags
    inner join {{ ref('patch_rules') }} as rules on flags.rule_id = rules.rule_id
    inner join {{ ref('replayed_titles') }} as replayed on flags.title_id = replayed.title_id
    left join {{ ref('title_histories') }} as histories on flags.title_id = histories.title_id
    where not coalesce(list_contains(histories.rules, flags.rule_id), false)
    -- What a title rests on and what it is called can speak for the same rule.
    qualify row_number() over (partition by flags.title_id, flags.rule_id order by flags.position) = 1
),

-- Each caveat's patch tests the list as those before it leave it.
fresh_caveats as (
    select
        *,
        caveats || coalesce(
            list(flag) over (
                partition by title_id order by position
                rows between unbounded preceding and 1 preceding
            ),
            []
        ) as caveats_before
    from fresh_flags
    where flag <> 'hold' and not list_contains(caveats, flag)
)

select
    title_id,
    3 as kind_position,
    position,
    rule_id,
    json_array(
        {{ op('test', '/caveats', 'caveats_before') }},
        {{ op('add', '/caveats/-', 'flag') }}
    ) as ops,
    why as reason
from fresh_caveats
union all
select
    title_id,
    4 as kind_position,
    position,
    rule_id,
    json_array(
        {{ op('test', '/hold_reason', 'null') }},
        {{ op('replace', '/hold_reason', 'why') }}
    ) as ops,
    why as reason
from fresh_flags
where flag = 'hold' and hold_reason is null
qualify row_number() over (partition by title_id order by position) = 1
