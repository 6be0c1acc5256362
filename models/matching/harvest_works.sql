-- A director of sales is treated as a sales manager, whatever the rank.
with
managers as (
    select
        match_key,
        {{ function('as_manager') }}(work_key) as manager_key
    from {{ ref('harvest_keys') }}
    where
        -- Most keys contain no rank, which a cheap pattern shows.
        regexp_matches(work_key, '\b(?:director|head|vice president|vp|svp|evp|avp|manager)\b')
        and work_key <> manager_key
        and contains(manager_key, ' manager')
)

select
    match_key,
    work_key,
    1 as least_dropped,
    is_turned::int as kept,
    6 as way_before
from {{ ref('harvest_keys') }}
union all
select
    match_key,
    manager_key as work_key,
    0 as least_dropped,
    1 as kept,
    6 as way_before
from managers
union all
-- What comes first can be an employer's name, a team or a rank: State Lead - Personal Injury Attorney. The field of a
-- director or an engineer is a less certain name of the work.
select
    match_key,
    graded_head_key || ' ' || field_key as work_key,
    len(string_split(graded_head_key, ' ')) as least_dropped,
    0 as kept,
    case when is_turned or {{ function('is_rank') }}(head_key) then 40 - least_dropped else 6 end as way_before
from {{ ref('harvest_keys') }}
where graded_head_key <> '' and field_key <> ''
union all
-- Of the names of internships, one that is known by its ending: Intern, Cell Engineering.
select
    match_key,
    work_key || ' intern' as work_key,
    1 as least_dropped,
    1 as kept,
    39 as way_before
from {{ ref('harvest_keys') }}
where is_learner
