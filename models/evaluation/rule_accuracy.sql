with
results as (
    select
        rule_id,
        is_exact
    from {{ ref('labelled_title_results') }}
    union all
    select
        rule_id,
        is_exact
    from {{ ref('labelled_flag_results') }}
)

select
    results.rule_id,
    count(*) as titles,
    count_if(results.is_exact) as exact,
    round(avg(results.is_exact::int), 3) as accuracy,
    coalesce(any_value(floors.floor), 1) as floor
from results
left join {{ ref('rule_accuracy_floors') }} as floors on results.rule_id = floors.rule_id
group by results.rule_id
