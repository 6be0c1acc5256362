select
    results.rule_id,
    count(*) as titles,
    count_if(results.is_exact) as exact,
    round(avg(results.is_exact::int), 3) as accuracy,
    coalesce(any_value(floors.floor), 1) as floor
from {{ ref('labelled_title_results') }} as results
left join {{ ref('rule_accuracy_floors') }} as floors on results.rule_id = floors.rule_id
group by results.rule_id
