with
chosen as (
    select * from {{ ref('rerun_candidates') }}
    where is_chosen
),

others as (
    select
        candidates.title_id,
        list(
            {{ function('match_told') }}(
                candidates.occupation_title, candidates.evidence_title, candidates.score
            )
            order by candidates.score desc, candidates.candidate_index
        )[1] as second_match
    from {{ ref('rerun_candidates') }} as candidates
    inner join chosen on candidates.title_id = chosen.title_id and candidates.candidate <> chosen.candidate
    where candidates.score is not null
    group by candidates.title_id
)

select
    chosen.title_id,
    chosen.candidate,
    chosen.candidate_index,
    chosen.occupation_code,
    {{ function('match_told') }}(
        chosen.occupation_title, chosen.evidence_title, chosen.score
    ) as best_match,
    others.second_match,
    chosen.score < {{ var('attach_threshold') }}
    and not list_contains(titles.caveats, 'near_evidence_only') as needs_caveat
from chosen
inner join {{ ref('published_titles') }} as titles on chosen.title_id = titles.title_id
left join others on chosen.title_id = others.title_id
