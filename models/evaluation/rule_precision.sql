-- A gate of this job asks whether every rule is one of these.
-- depends_on: {{ ref('patch_rules') }}
select
    rule_id,
    count(*) as judged,
    count_if(judgement = 'right') as right_ones,
    round(avg((judgement = 'right')::int), 3) as precision
from {{ ref('judged_proposals') }}
group by rule_id
