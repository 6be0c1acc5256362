select
    candidates.title_id,
    candidates.candidate,
    candidates.candidate_index,
    candidates.occupation_code,
    candidates.occupation_title,
    candidates.evidence_title,
    candidates.score < {{ var('attach_threshold') }}
    and not list_contains(titles.caveats, 'near_evidence_only') as needs_caveat
from {{ ref('rerun_candidates') }} as candidates
inner join {{ ref('published_titles') }} as titles on candidates.title_id = titles.title_id
where candidates.is_chosen
