-- Every labelled title must come out as wanted: tuning a rule for one title must not cost others. And each rule that
-- consists of patterns must have labelled titles, or nothing would show that it has become worse.
with
rules as (
    select rule_id from {{ ref('title_rule_steps') }}
    union
    select rule_id from {{ ref('segment_kinds') }}
    union
    select rule_id from {{ ref('flag_rules') }}
)

select
    coalesce(rules.rule_id, accuracy.rule_id) as rule_id,
    coalesce(accuracy.titles, 0) as titles,
    accuracy.exact
from rules
full join {{ ref('rule_accuracy') }} as accuracy on rules.rule_id = accuracy.rule_id
where accuracy.titles is null or accuracy.exact < accuracy.titles
