{{ config(post_hook=stage_as_jsonl(['title_id'])) }}

select
    {{ member_columns('titles') }},
    lanes.runtime_lane,
    lanes.lane_rule_id,
    lanes.lane_reasons,
    titles.patches_applied,
    titles.patches_rejected,
    titles.source_row_sha256,
    titles.attributes
from {{ ref('replayed_titles') }} as titles
inner join {{ ref('title_lanes') }} as lanes on titles.title_id = lanes.title_id
