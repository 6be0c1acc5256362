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
        is_turned::int as kept
    from {{ ref('harvest_keys') }}
    union all
    select
        match_key,
        looked_up as work_key,
        1 as kept
    from managers
),

-- The name of the work stands at the end: a growth marketing specialist is a marketing specialist. What was put
-- there is looked up with something before it.
endings as (
    select
        match_key,
        string_split(work_key, ' ') as words,
        unnest(range(1, len(words) - kept)) as dropped
    from works
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
    1 as way,
    'exact_evidence' as rule_id,
    'same key' as why,
    match_key as looked_up
from {{ ref('harvest_keys') }}
union all
select
    match_key,
    2 as way,
    'grade' as rule_id,
    'same key without the grade' as why,
    ungraded_key as looked_up
from {{ ref('harvest_keys') }}
union all
select
    match_key,
    3 as way,
    'compound' as rule_id,
    'same key as the first of two titles' as why,
    first_part_key as looked_up
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
    work_key as looked_up
from {{ ref('harvest_keys') }}
where is_turned
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
    6 + dropped as way,
    'near_evidence' as rule_id,
    'same key without what precedes' as why,
    array_to_string(words[dropped + 1:], ' ') as looked_up
from endings
