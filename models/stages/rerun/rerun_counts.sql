with
lanes (position, name) as (
    values
    {%- for lane in runtime_lanes() %}
    ({{ loop.index }}, '{{ lane.name }}'){{ "," if not loop.last }}
    {%- endfor %}
)

select
    'lane_after_counts' as section,
    lanes.position,
    lanes.name,
    count(titles.title_id) as row_count
from lanes
left join {{ ref('source_ref_rerun_v1') }} as titles on lanes.name = titles.lane_after
group by lanes.position, lanes.name
