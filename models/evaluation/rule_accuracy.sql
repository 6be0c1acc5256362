with
results as (
    select
        rule_id,
        is_as_wanted,
        touched_by
    from {{ ref('labelled_title_results') }}
    union all
    select
        rule_id,
        is_as_wanted,
        string_split(flagged_by, ', ') as touched_by
    from {{ ref('labelled_flag_results') }}
),

wanted as (
    select
        rule_id,
        count(*) as titles,
        count_if(is_as_wanted) as exact
    from results
    group by rule_id
),

touches as (
    select
        unnest(touched_by) as rule_id,
        is_as_wanted
    from results
),

touched as (
    select
        rule_id,
        count(*) as touched,
        avg(is_as_wanted::int) as precision
    from touches
    group by rule_id
)

select
    wanted.rule_id,
    wanted.titles,
    wanted.exact,
    round(wanted.exact / wanted.titles, 3) as accuracy,
    coalesce(touched.touched, 0) as touched,
    round(touched.precision, 3) as precision
from wanted
left join touched on wanted.rule_id = touched.rule_id
