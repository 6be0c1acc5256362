{{ config(meta={'compression': 'said'}, post_hook=stage_as_jsonl(['title_id'], part_key='runtime_lane')) }}

select
    {{ member_columns('titles') }},
    titles.runtime_lane,
    titles.lane_rule_id,
    titles.lane_reasons,
    titles.patches_applied,
    titles.patches_rejected,
    titles.source_row_sha256,
    titles.attributes
from {{ ref('title_lanes') }} as titles
