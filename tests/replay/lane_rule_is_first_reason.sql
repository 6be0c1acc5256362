-- The rule that determines the lane must be the first of the reasons, and `clean` must be the only one where it occurs.
-- Otherwise a curator would fix the wrong thing.
select
    title_id,
    lane_rule_id,
    lane_reasons
from {{ ref('semantic_patch_replay_v1') }}
where
    lane_rule_id is distinct from lane_reasons[1]
    or (list_contains(lane_reasons, 'clean') and len(lane_reasons) <> 1)
