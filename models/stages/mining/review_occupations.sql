-- To keep the page small and fast to open, an occupation's other names are limited: those that its source has by most
-- kinds come first, one per occupation in turn, up to a megabyte and a half.
with
ranked as (
    select
        source_ref,
        evidence_title,
        row_number() over (partition by source_ref order by mentions desc, evidence_title) as place
    from {{ ref('harvest_evidence') }}
    where evidence_title <> occupation_title
),

measured as (
    select
        *,
        sum(length(evidence_title)) over (order by place, source_ref) as characters
    from ranked
),

called as (
    select
        source_ref,
        list(evidence_title order by place) as other_titles
    from measured
    where characters <= 1500000
    group by source_ref
)

select
    occupations.source_ref,
    coalesce(occupations.occupation_title, '') as occupation_title,
    coalesce(called.other_titles, []) as other_titles
from {{ ref('harvest_occupations') }} as occupations
left join called on occupations.source_ref = called.source_ref
