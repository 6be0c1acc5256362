with
flags as (
    select
        title_id,
        10 + position as position,
        rule_id,
        flag
    from {{ ref('flagged_titles') }}
    union all by name
    select * from {{ ref('evidence_flags') }}
    union all by name
    select
        title_id,
        4 as position,
        rule_id,
        'compound_title' as flag
    from {{ ref('title_matches') }}
    where rule_id = 'compound'
    union all by name
    select distinct
        title_id,
        5 as position,
        'unknown_part' as rule_id,
        'unknown_part' as flag
    from {{ ref('title_segments') }}
    where kind = 'unknown'
),

-- A title's evidence and its name can lead to the same rule.
first_flags as (
    select * from flags
    qualify row_number() over (partition by title_id, rule_id order by position) = 1
)

-- A rule flags a title once, and never with what a person has removed: that stays removed.
select
    flags.*,
    rules.why,
    replayed.caveats,
    replayed.hold_reason
from first_flags as flags
inner join {{ ref('patch_rules') }} as rules on flags.rule_id = rules.rule_id
inner join {{ ref('replayed_titles') }} as replayed on flags.title_id = replayed.title_id
left join {{ ref('title_histories') }} as histories on flags.title_id = histories.title_id
where
    not coalesce(list_contains(histories.rules, flags.rule_id), false)
    and not coalesce(list_contains(histories.caveats_taken_off_by_people, flags.flag), false)
    and not (flags.flag = 'hold' and coalesce(list_contains(histories.members_set_by_people, 'hold_reason'), false))
