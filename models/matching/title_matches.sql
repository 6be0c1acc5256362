-- A title can only be attached to the one code system; where that has nothing, another source's best is a candidate at
-- most. A code that the title has already was given by its row or by a person, and evidence of another is not attached
-- beside it. Codes of another system say nothing about that.
with
best as (
    select
        *,
        source_id = {{ taxonomy() }} as is_of_taxonomy
    from {{ ref('harvest_candidates') }}
    where source_position = 1
    qualify row_number() over (
        partition by title_id order by source_id = {{ taxonomy() }} desc, score desc, candidate_position
    ) = 1
),

coded as (
    select
        titles.title_id,
        occupations.taxonomy_code
    from {{ ref('titles_to_clean') }} as titles
    inner join {{ ref('harvest_occupations') }} as occupations
        on titles.occupation_code = occupations.taxonomy_code
),

-- The second best in the same source: another occupation that the title may belong to.
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
    coalesce(
        best.is_of_taxonomy and best.is_decided and best.score >= {{ var('attach_threshold') }}, false
    ) as is_certain,
    is_certain and coalesce(coded.taxonomy_code <> best.occupation_code, false) as is_contradicted,
    case
        when is_certain and not is_contradicted then 'attach'
        when best.score is not null then 'candidate'
        else 'none'
    end as match_status,
    best.source_ref,
    best.score,
    best.rule_id,
    best.why,
    coalesce(best.is_exact, false) as is_exact,
    coalesce(best.is_in_use, false) as is_in_use,
    round(best.score - runners_up.score, 4) as gap,
    coalesce(best.listed_under > 1 and not is_certain, false) as is_ambiguous,
    case
        when match_status <> 'none' and not is_contradicted and not (is_certain and best.is_exact)
            then {{ caveat_of_evidence('best') }}
    end as caveat
from {{ ref('cleaned_titles') }} as titles
left join coded on titles.title_id = coded.title_id
left join best on titles.title_id = best.title_id
left join runners_up on best.title_id = runners_up.title_id and best.source_id = runners_up.source_id
