with
scored as (
    select * exclude (odds) from {{ ref('match_scores') }}
    -- What the evidence lists is named however little speaks for it.
    where
        score >= (select limits.candidate_threshold from {{ ref('match_limits') }} as limits)
        or way <= 2
    union all by name
    select * from {{ ref('occupation_guesses') }}
),

-- Of an occupation the best evidence, of each source the best few, ties broken in full.
best as (
    select * from scored
    qualify row_number() over (
        partition by match_key, source_ref
        order by
            rule_id <> 'near_evidence' and score >= {{ var('attach_threshold') }} desc,
            score desc,
            kind_position,
            evidence_title,
            way,
            evidence_key
    ) = 1
),

ranked as (
    select
        best.*,
        occupations.trust_rank,
        occupations.occupation_code,
        occupations.occupation_title,
        -- A director of data science is no data scientist, nor what the manager is who is none of managers.
        best.way > 5
        and {{ rank_of('best.match_key') }} > {{ rank_of('best.evidence_key') }}
        and not regexp_matches(
            occupations.occupation_title, '(?i)\b(?:managers?|directors?|administrators?|supervisors?|chief)\b'
        ) as is_outranked,
        row_number() over (
            partition by best.match_key, best.source_id
            order by best.score desc, best.kind_position, best.vote desc, best.source_ref
        ) as source_position
    from best
    inner join {{ ref('harvest_occupations') }} as occupations on best.source_ref = occupations.source_ref
    qualify source_position <= 5
),

clean_titles as (
    select distinct clean_title from {{ ref('cleaned_titles') }}
),

keys_of_titles as (
    select
        clean_title,
        {{ function('match_key') }}(clean_title) as match_key
    from clean_titles
),

titles as (
    select
        cleaned.title_id,
        keys.match_key
    from {{ ref('cleaned_titles') }} as cleaned
    inner join keys_of_titles as keys on cleaned.clean_title = keys.clean_title
)

select
    titles.title_id,
    row_number() over (
        partition by titles.title_id
        order by ranked.source_id = {{ taxonomy() }} desc, ranked.trust_rank, ranked.source_position
    ) as candidate_position,
    ranked.source_id,
    ranked.source_position,
    ranked.source_ref,
    ranked.occupation_code,
    ranked.occupation_title,
    ranked.evidence_title,
    ranked.score,
    ranked.occupations,
    -- Words that no title of any source has may be what tells; and a director of nurses is no nurse.
    (ranked.occupations = 1 or ranked.is_spoken_for or ranked.is_usual)
    and not (ranked.way between 7 and 98 and ranked.unknown_words > 1)
    and not ranked.way between 40 and 49
    and ranked.way <> 100
    and not ranked.is_outranked
        as is_settled,
    is_settled and (ranked.occupations = 1 or ranked.is_spoken_for) as is_decided,
    ranked.rule_id,
    ranked.why || case
        when ranked.occupations > 1 and ranked.is_spoken_for
            then ', of several occupations the one that its words speak for by other titles'
        else ''
    end as why,
    ranked.rule_id <> 'near_evidence' as is_exact,
    {{ function('words_in') }}(ranked.match_key, ranked.evidence_key) as words_shared,
    {{ function('words_missing') }}(ranked.match_key, ranked.evidence_key) as words_missing
from titles
inner join ranked on titles.match_key = ranked.match_key
