with
-- The name of the work stands at the end: a growth marketing specialist is a marketing specialist.
endings as (
    select
        match_key,
        string_split(work_key, ' ') as words,
        unnest(range(1, len(words))) as dropped
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
    head_key as looked_up
from {{ ref('harvest_keys') }}
-- What follows a single word may be what tells.
where contains(head_key, ' ')
union all
select
    match_key,
    4 + dropped as way,
    'near_evidence' as rule_id,
    'same key without what precedes' as why,
    array_to_string(words[dropped + 1:], ' ') as looked_up
from endings
