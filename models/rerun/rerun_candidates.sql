-- Each candidate as the evidence has it. The best is the one whose titles agree best with the learner
-- title; then the more trusted source counts, then the order in which the candidates stand.
with
candidates as (
    select
        title_id,
        {{ match_key("coalesce(learner_title, source_title)") }} as match_key,
        unnest(candidate_source_refs) as candidate,
        generate_subscripts(candidate_source_refs, 1) - 1 as candidate_index
    from {{ ref('published_titles') }}
),

looked_up as (
    select
        candidates.title_id,
        candidates.candidate,
        candidates.candidate_index,
        evidence.occupation_code,
        evidence.occupation_title,
        evidence.evidence_title,
        evidence.trust_rank,
        {{ agreement('candidates.match_key', 'evidence.match_key') }} as score
    from candidates
    left join {{ ref('harvest_evidence') }} as evidence on candidates.candidate = evidence.source_ref
    qualify row_number() over (
        partition by candidates.title_id, candidates.candidate_index
        order by score desc, {{ kind_position('evidence.kind') }}, evidence.evidence_title
    ) = 1
)

select
    *,
    row_number() over (
        partition by title_id order by score desc nulls last, trust_rank, candidate_index
    ) = 1 and evidence_title is not null as is_chosen
from looked_up
