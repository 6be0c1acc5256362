with
results as (
    select
        rule_id,
        is_as_wanted
    from {{ ref('labelled_title_results') }}
    union all
    select
        rule_id,
        is_as_wanted
    from {{ ref('labelled_flag_results') }}
)

select
    results.rule_id,
    count(*) as titles,
    count_if(results.is_as_wanted) as exact,
    round(avg(results.is_as_wanted::int), 3) as accuracy,
    coalesce(any_value(floors.floor), 1) as floor
from results
left join {{ ref('rule_accuracy_floors') }} as floors on results.rule_id = floors.rule_id
group by results.rule_id
