-- Each candidate with its score as a match of the learner title. The best one is chosen if a person would most likely
-- accept it, no other of its source is as good, no other occupation that has the title is left undecided, no person has
-- written what the title rests on, and the title has no other code: that is evidence, or a person's.
with
candidates as (
    select
        title_id,
        occupation_code as code_of_title,
        unnest(candidate_source_refs) as candidate,
        generate_subscripts(candidate_source_refs, 1) - 1 as candidate_index
    from {{ ref('published_titles') }}
),

looked_up as (
    select
        candidates.*,
        occupations.source_id,
        occupations.trust_rank,
        -- The code is that of one code system, whatever else a title rests on.
        occupations.taxonomy_code as occupation_code,
        occupations.occupation_title,
        matches.evidence_title,
        matches.score,
        matches.rule_id as way,
        matches.listed_under,
        matches.is_listed,
        matches.is_exact and matches.is_decided as is_sure,
        coalesce(matches.is_settled, false) as is_settled,
        matches.why
    from candidates
    left join {{ ref('harvest_occupations') }} as occupations on candidates.candidate = occupations.source_ref
    left join {{ ref('harvest_candidates') }} as matches
        on candidates.title_id = matches.title_id and candidates.candidate = matches.source_ref
),

judged as (
    select
        *,
        -- Candidates of the code system, which have a code, come first.
        row_number() over (
            partition by title_id
            order by score is null, occupation_code is null, trust_rank, score desc, candidate_index
        ) = 1
        and is_settled
        and coalesce(score >= {{ var('rerun_threshold') }}, false)
        and count(distinct candidate) over (partition by title_id, source_id, score) = 1
        and title_id not in (
            select people.title_id from {{ ref('published_titles_set_by_people') }} as people
            where list_contains(people.members, 'source_refs')
        ) as is_best
    from looked_up
)

select
    * exclude (source_id, code_of_title, is_settled, is_best),
    is_best and coalesce(occupation_code <> code_of_title, false) as is_contradicted,
    is_best and not is_contradicted as is_chosen
from judged
