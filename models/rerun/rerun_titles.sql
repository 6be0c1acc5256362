-- The lane's titles as the proposed patches leave them.
select
    titles.* replace (
        case
            when chosen.title_id is null then titles.source_refs
            else list_append(titles.source_refs, chosen.candidate)
        end as source_refs,
        case
            when chosen.title_id is null then titles.candidate_source_refs
            else {{ list_splice('titles.candidate_source_refs', 'chosen.candidate_index', 1, '[]') }}
        end as candidate_source_refs,
        coalesce(titles.occupation_code, chosen.occupation_code) as occupation_code
    )
from {{ ref('replayed_titles') }} as titles
inner join {{ ref('published_titles') }} as published on titles.title_id = published.title_id
left join {{ ref('rerun_candidates') }} as chosen
    on titles.title_id = chosen.title_id and chosen.is_chosen
