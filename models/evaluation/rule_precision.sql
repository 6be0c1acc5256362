-- A gate of this job checks that every rule here is one of `patch_rules`.
-- depends_on: {{ ref('patch_rules') }}
select
    rule_id,
    count(*) as judged,
    count_if(judgement = 'right') as right_ones,
    round(avg((judgement = 'right')::int), 3) as precision
from {{ ref('judged_proposals') }}
group by rule_id
