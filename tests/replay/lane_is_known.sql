-- The rule and the lane of every title must be a pair in the list of rules. A pair that is not in the list would appear
-- in no file and no count.
select
    title_id,
    lane_rule_id,
    runtime_lane
from {{ ref('semantic_patch_replay_v1') }}
where
    (lane_rule_id, runtime_lane) not in (
        {%- for rule in lane_rules() %}
        ('{{ rule.name }}', '{{ rule.lane }}'){{ "," if not loop.last }}
        {%- endfor %}
    )
    or lane_rule_id is null
    or runtime_lane is null
