-- depends_on: {{ ref('title_synonyms') }}, {{ ref('pattern_phrases') }}
with
-- A director of sales is a sales manager, whatever the rank.
managers as (
    select
        match_key,
        {{ as_manager('work_key') }} as looked_up
    from {{ ref('harvest_keys') }}
    where work_key <> looked_up and contains(looked_up, ' manager')
),

works as (
    select
        match_key,
        work_key,
        1 as precede,
        is_turned::int as kept,
        7 as way
    from {{ ref('harvest_keys') }}
    union all
    select
        match_key,
        looked_up as work_key,
        1 as precede,
        1 as kept,
        7 as way
    from managers
    union all
    -- What stands first can be an employer's name, a team or a rank: State Lead - Personal Injury Attorney. What is
    -- a director's or an engineer's is no sure name of the work.
    select
        match_key,
        graded_head_key || ' ' || field_key as work_key,
        len(string_split(graded_head_key, ' ')) as precede,
        0 as kept,
        case when is_turned then 40 else 6 + precede end as way
    from {{ ref('harvest_keys') }}
    where graded_head_key <> '' and field_key <> ''
),

-- The name of the work stands at the end: a growth marketing specialist is a marketing specialist. What was put
-- there is looked up with something before it.
endings as (
    select
        match_key,
        way - precede as way_before,
        case when way = 40 then 50 else 40 end as ways_end,
        string_split(work_key, ' ') as words,
        unnest(range(precede, len(words) - kept)) as dropped
    from works
),

-- Where no end names it, what stands before without a mark may, Sales Trader Biomethane German Market, unless the
-- end names other work: Patient Service Representative Supervisor.
beginnings as (
    select
        match_key,
        string_split(coalesce(nullif(graded_head_key, ''), match_key), ' ') as words,
        unnest(range(1, len(words) - 1)) as dropped
    from {{ ref('harvest_keys') }}
    where not regexp_matches(words[-1], '(?:er|or|ist|ant|ian|yst|ive|man|ate)$')
),

-- The whole title says more than its head does.
reworded as (
    select
        match_key,
        coalesce({{ other_words_for('ungraded_key') }}, {{ other_words_for('head_key') }}, '') as looked_up
    from {{ ref('harvest_keys') }}
)

select
    match_key,
    unnest( -- noqa: AL03
        [
            { 'way': 1, 'rule_id': 'exact_evidence', 'why': 'same key', 'looked_up': match_key },
            { 'way': 2, 'rule_id': 'grade', 'why': 'same key without the grade', 'looked_up': ungraded_key },
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
where head_key <> '' and not {{ is_rank('head_key') }}
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
select
    match_key,
    5 as way,
    'near_evidence' as rule_id,
    'other words for the same' as why,
    looked_up
from reworded
union all
select
    match_key,
    6 as way,
    'near_evidence' as rule_id,
    'same key as of a manager' as why,
    looked_up
from managers
union all
select distinct
    match_key,
    way_before + dropped as way,
    'near_evidence' as rule_id,
    'same key without what precedes' as why,
    array_to_string(words[dropped + 1:], ' ') as looked_up
from endings
-- A vice president is no president.
where way_before + dropped < ways_end and words[dropped:dropped + 1] <> ['vice', 'president']
union all
select
    match_key,
    50 + dropped as way,
    'near_evidence' as rule_id,
    'same key without what follows' as why,
    array_to_string(words[:-dropped - 1], ' ') as looked_up
from beginnings
where dropped < 40
