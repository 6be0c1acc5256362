with
counts as (
    select
        source_id,
        count(*) as evidence_titles
    from {{ ref('harvest_evidence') }}
    group by source_id
),

flaws as (
    select
        source_id,
        count(*) as set_aside,
        list(file || ', line ' || line_number || ': ' || reason order by file, line_number) as told
    from {{ source('harvest', 'set_aside') }}
    group by source_id
)

select
    sources.source_id,
    sources.trust_rank,
    statuses.status,
    statuses.missing_files,
    coalesce(counts.evidence_titles, 0) as evidence_titles,
    coalesce(flaws.set_aside, 0) as set_aside,
    coalesce(flaws.told, [])[:20] as set_aside_examples
from {{ ref('harvest_sources') }} as sources
left join {{ source('harvest', 'source_status') }} as statuses on sources.source_id = statuses.source_id
left join counts on sources.source_id = counts.source_id
left join flaws on sources.source_id = flaws.source_id
