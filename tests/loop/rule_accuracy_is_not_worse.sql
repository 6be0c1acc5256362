-- On the labelled titles every rule must be at least as accurate as before: tuning a rule for one title must not cost
-- others.
select * from {{ ref('rule_accuracy') }}
where accuracy < floor
