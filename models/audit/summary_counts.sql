with
names (section, position, name) as (
    values
    {%- for lane in runtime_lanes() %}
    ('lane_counts', {{ loop.index }}, '{{ lane.name }}'),
    {%- endfor %}
    {%- for outcome in outcomes() %}
    ('patch_outcome_counts', {{ loop.index }}, '{{ outcome }}'),
    {%- endfor %}
    ('quarantine_counts', 1, 'title_rows'),
    ('quarantine_counts', 2, 'semantic_patches')
),

counts as (
    select
        'lane_counts' as section,
        runtime_lane as name,
        count(*) as row_count
    from {{ ref('semantic_patch_replay_v1') }}
    group by runtime_lane
    union all
    select
        'patch_outcome_counts' as section,
        outcome as name,
        count(*) as row_count
    from {{ ref('semantic_patch_replay_v1_patch_outcomes') }}
    group by outcome
    union all
    select
        'quarantine_counts' as section,
        input as name,
        count(*) as row_count
    from {{ ref('semantic_patch_replay_v1_quarantine') }}
    group by input
)

select
    names.section,
    names.position,
    names.name,
    coalesce(counts.row_count, 0) as row_count
from names
left join counts on names.section = counts.section and names.name = counts.name
