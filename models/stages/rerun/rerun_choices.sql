with
others as (
    select
        title_id,
        list(
            {{ function('match_told') }}(occupation_title, evidence_title, score)
            order by score desc, candidate_index
        )[1] as second_match
    from {{ ref('rerun_candidates') }}
    where not is_chosen and score is not null
    group by title_id
)

select
    candidates.title_id,
    candidates.candidate,
    candidates.candidate_index,
    candidates.occupation_code,
    {{ function('match_told') }}(
        candidates.occupation_title, candidates.evidence_title, candidates.score
    ) as best_match,
    others.second_match,
    candidates.score < {{ var('attach_threshold') }}
    and not list_contains(titles.caveats, 'near_evidence_only') as needs_caveat
from {{ ref('rerun_candidates') }} as candidates
inner join {{ ref('published_titles') }} as titles on candidates.title_id = titles.title_id
left join others on candidates.title_id = others.title_id
where candidates.is_chosen
