with
names as (
    {%- for lane in runtime_lanes() %}
    select 'lane_counts' as section, {{ loop.index }} as position, '{{ lane.name }}' as name
    union all
    {%- endfor %}
    {%- for outcome in ['applied', 'noop', 'rejected', 'duplicate', 'orphaned'] %}
    select 'patch_outcome_counts', {{ loop.index }}, '{{ outcome }}'
    union all
    {%- endfor %}
    select 'quarantine_counts', 1, 'title_rows'
    union all
    select 'quarantine_counts', 2, 'semantic_patches'
),

counts as (
    select 'lane_counts' as section, runtime_lane as name, count(*) as row_count
    from {{ ref('semantic_patch_replay_v1') }}
    group by runtime_lane
    union all
    select 'patch_outcome_counts', outcome, count(*)
    from {{ ref('semantic_patch_replay_v1_patch_outcomes') }}
    group by outcome
    union all
    select 'quarantine_counts', input, count(*)
    from {{ ref('semantic_patch_replay_v1_quarantine') }}
    group by input
)

select names.section, names.position, names.name, coalesce(counts.row_count, 0) as row_count
from names
left join counts using (section, name)
