-- On the labelled titles every rule is at least as good as it was. A rule that is tuned for one title must
-- not cost others.
select * from {{ ref('rule_accuracy') }}
where accuracy < floor
