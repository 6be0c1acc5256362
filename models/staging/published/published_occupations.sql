with
refs as (
    select
        title_id,
        occupation_code,
        unnest(source_refs) as source_ref
    from {{ ref('published_titles') }}
),

by_refs as (
    select
        refs.title_id,
        min(occupations.occupation_title) as occupation_title
    from refs
    inner join {{ ref('harvest_occupations') }} as occupations
        on refs.source_ref = occupations.source_ref and refs.occupation_code = occupations.occupation_code
    group by refs.title_id
),

-- A code of ESCO's is that of a group, which many occupations share.
by_code as (
    select
        occupation_code,
        any_value(occupation_title) as occupation_title
    from {{ ref('harvest_occupations') }}
    group by occupation_code
    having count(distinct occupation_title) = 1
)

select
    titles.title_id,
    coalesce(by_refs.occupation_title, by_code.occupation_title) as occupation_title
from {{ ref('published_titles') }} as titles
left join by_refs on titles.title_id = by_refs.title_id
left join by_code on titles.occupation_code = by_code.occupation_code
where titles.occupation_code is not null
