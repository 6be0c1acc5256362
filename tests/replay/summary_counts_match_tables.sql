-- The summary's counts must add up to the tables that they count: these counts are what people quote.
with
sums as (
    select
        section,
        sum(row_count) as counted
    from {{ ref('summary_counts') }}
    group by section
),

tables as (
    select
        'lane_counts' as section,
        count(*) as row_count
    from {{ ref('semantic_patch_replay_v1') }}
    union all
    select
        'patch_outcome_counts' as section,
        count(*) as row_count
    from {{ ref('semantic_patch_replay_v1_patch_outcomes') }}
    union all
    select
        'quarantine_counts' as section,
        count(*) as row_count
    from {{ ref('semantic_patch_replay_v1_quarantine') }}
)

select
    tables.section,
    tables.row_count,
    sums.counted
from tables
left join sums on tables.section = sums.section
where tables.row_count is distinct from sums.counted
