with
near_candidates as (
    select
        near.match_key,
        'near_evidence' as rule_id,
        'shared words' as why,
        evidence.source_ref,
        arg_min(evidence.evidence_title, (-near.score, {{ kind_position('evidence.kind') }}, evidence.evidence_title))
            as evidence_title,
        max({{ weakened('near.score', kind_position('evidence.kind')) }}) as score,
        [0, 0]::bigint[] as support,
        arg_min(near.evidence_key, (-near.score, near.evidence_key)) as evidence_key
    from {{ ref('near_matches') }} as near
    inner join {{ ref('harvest_evidence') }} as evidence on near.evidence_key = evidence.match_key
    group by near.match_key, evidence.source_ref
),

candidates as (
    select * exclude (way) from {{ ref('harvest_matches') }}
    union all by name
    select
        * exclude (evidence_key),
        {{ words_in('match_key', 'evidence_key') }} as words_shared,
        {{ words_in('match_key', 'evidence_key', negated=true) }} as words_missing
    from near_candidates
),

-- Of each source the best few, ties broken in full.
ranked as (
    select
        candidates.*,
        occupations.source_id,
        occupations.trust_rank,
        occupations.occupation_code,
        occupations.occupation_title,
        row_number() over (
            partition by candidates.match_key, occupations.source_id
            order by candidates.score desc, candidates.support desc, candidates.source_ref
        ) as source_position
    from candidates
    inner join {{ ref('harvest_occupations') }} as occupations on candidates.source_ref = occupations.source_ref
    qualify source_position <= 5
),

titles as (
    select
        title_id,
        {{ match_key('clean_title') }} as match_key
    from {{ ref('cleaned_titles') }}
)

select
    titles.title_id,
    row_number() over (
        partition by titles.title_id
        order by ranked.score desc, ranked.trust_rank, ranked.support desc, ranked.source_ref
    ) as candidate_position,
    ranked.source_id,
    ranked.source_position,
    ranked.source_ref,
    ranked.occupation_code,
    ranked.occupation_title,
    ranked.evidence_title,
    ranked.score,
    ranked.rule_id,
    ranked.why,
    ranked.rule_id <> 'near_evidence' as is_exact,
    ranked.words_shared,
    ranked.words_missing
from titles
inner join ranked on titles.match_key = ranked.match_key
