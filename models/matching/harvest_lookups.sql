-- depends_on: {{ ref('title_synonyms') }}, {{ ref('pattern_phrases') }}
with
-- The name of the work is at the end: a growth marketing specialist is a marketing specialist. What was moved to the
-- end is looked up only together with a word before it.
endings as (
    select
        match_key,
        way_before,
        case when way_before = 6 then 40 else 50 end as ways_end,
        string_split(work_key, ' ') as words,
        unnest(range(least_dropped, least(len(words) - kept, 50))) as dropped
    from {{ ref('harvest_works') }}
),

-- Where no ending names the work, what comes first without a mark may, Sales Trader Biomethane German Market, unless
-- the end names other work: Patient Service Representative Supervisor.
beginnings as (
    select
        match_key,
        string_split(coalesce(nullif(graded_head_key, ''), match_key), ' ') as words,
        unnest(range(1, least(len(words) - 1, 40))) as dropped
    from {{ ref('harvest_keys') }}
    where not regexp_matches(words[-1], '(?:er|or|ist|ant|ian|yst|ive|man|ate)$')
),

-- For doctors the field may precede the rank: Cardiology Consultant. Each key is computed in a step of its own:
-- referred to by another column of the same `select`, its patterns would be repeated there.
ungraded as (
    select
        match_key,
        head_key,
        {{ function('ungraded_key') }}(match_key) as raw_key
    from {{ ref('harvest_keys') }}
),

turned as (
    select
        *,
        regexp_replace(
            regexp_replace(raw_key, '^(?:locum|bank) | (?:st|ct|fy)[1-8].*$', '', 'g'),
            '^(.+) (consultant|fellow|registrar|speciali?ty (?:doctor|trainee)|doctor)$',
            '\2 \1'
        ) as turned_key
    from ungraded
),

-- The whole title says more than its head does.
reworded as (
    select
        match_key,
        raw_key,
        coalesce(
            {{ other_words_for('raw_key') }},
            {{ other_words_for('head_key') }},
            case when turned_key <> raw_key then {{ other_words_for('turned_key') }} end,
            ''
        ) as looked_up
    from turned
)

select
    match_key,
    unnest( -- noqa: AL03
        [
            { 'way': 1, 'rule_id': 'exact_evidence', 'why': 'same key', 'looked_up': match_key },
            {
                'way': 2,
                'rule_id': case when is_worded then 'near_evidence' else 'grade' end,
                'why': case when is_worded then 'same key in other words' else 'same key without the grade' end,
                'looked_up': ungraded_key
            },
            {
                'way': 3, 'rule_id': 'compound',
                'why': 'same key as the first of two titles', 'looked_up': first_part_key
            }
        ],
        recursive := true
    )
from {{ ref('harvest_keys') }}
union all
select
    match_key,
    4 as way,
    'near_evidence' as rule_id,
    'same key without what follows' as why,
    unnest(list_distinct([graded_head_key, head_key])) as looked_up
from {{ ref('harvest_keys') }}
where head_key <> '' and not {{ function('is_rank') }}(head_key)
union all
select
    match_key,
    4 as way,
    'near_evidence' as rule_id,
    'same key with what follows before it' as why,
    unnest(list_distinct([work_key, field_key || ' ' || graded_head_key])) as looked_up
from {{ ref('harvest_keys') }}
where is_turned and field_key <> ''
union all
-- Anyone who learns some work is an intern in it, whatever the title calls that: Engineering Graduate.
select
    match_key,
    4 as way,
    'near_evidence' as rule_id,
    'same key as of an intern' as why,
    work_key || ' intern' as looked_up
from {{ ref('harvest_keys') }}
where is_learner
union all by name
select
    match_key,
    5 as way,
    'near_evidence' as rule_id,
    'other words for the same' as why,
    unnest(string_split(looked_up, ' | ')) as looked_up,
    -- A source that has no title for the first key may have one for the more general keys that follow.
    generate_subscripts(string_split(looked_up, ' | '), 1) as turn
from reworded
union all by name
select distinct
    match_key,
    way_before + dropped as way,
    'near_evidence' as rule_id,
    case when dropped = 0 then 'same key as of a manager' else 'same key without what precedes' end as why,
    array_to_string(words[dropped + 1:], ' ') as looked_up
from endings
-- A vice president is not a president.
where way_before + dropped < ways_end and words[dropped:dropped + 1] <> ['vice', 'president']
union all by name
select
    match_key,
    50 + dropped as way,
    'near_evidence' as rule_id,
    'same key without what follows' as why,
    array_to_string(words[:-dropped - 1], ' ') as looked_up
from beginnings
