-- The rule that names the lane is the first of the reasons, and `clean` stands alone. Otherwise a
-- curator would mend the wrong thing.
select
    title_id,
    lane_rule_id,
    lane_reasons
from {{ ref('semantic_patch_replay_v1') }}
where
    lane_rule_id is distinct from lane_reasons[1]
    or (list_contains(lane_reasons, 'clean') and len(lane_reasons) <> 1)
