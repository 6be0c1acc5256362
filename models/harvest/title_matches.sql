with
best as (
    select * from {{ ref('harvest_candidates') }}
    where candidate_position = 1
),

-- The second best of the same source: another occupation that the title may belong to.
runners_up as (
    select
        title_id,
        source_id,
        max(score) as score
    from {{ ref('harvest_candidates') }}
    where source_position = 2
    group by title_id, source_id
)

select
    titles.title_id,
    titles.clean_title,
    case
        when best.is_exact then 'exact'
        when best.score is not null then 'near'
        else 'none'
    end as match_status,
    best.source_ref,
    best.score,
    best.rule_id,
    best.why,
    round(best.score - runners_up.score, 4) as gap,
    coalesce(best.is_exact and best.score = runners_up.score, false) as is_ambiguous
from {{ ref('cleaned_titles') }} as titles
left join best on titles.title_id = best.title_id
left join runners_up on best.title_id = runners_up.title_id and best.source_id = runners_up.source_id
