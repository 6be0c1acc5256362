with
scored as (
    select * exclude (odds) from {{ ref('match_scores') }}
    -- A title that the evidence lists is named, however low its score.
    where
        score >= (select limits.candidate_threshold from {{ ref('match_limits') }} as limits)
        or way <= 2
    union all by name
    select * from {{ ref('occupation_guesses') }}
),

-- The best evidence per occupation and the best few occupations per source, with ties fully broken.
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

-- Titles that by themselves mean one of several of O*NET's occupations, whichever of these O*NET lists them for.
open_titles as (
    select distinct
        'onet' as source_id,
        {{ function('match_key') }}(title) as match_key
    from {{ ref('common_titles') }}
    where code is null
),

ranked as (
    select
        best.*,
        open_titles.match_key is not null as is_open,
        occupations.trust_rank,
        occupations.occupation_code,
        occupations.occupation_title,
        -- A director of data science is not a data scientist, and outranks any occupation that is not one of managers.
        best.way > 5
        and {{ function('rank_of') }}(best.match_key) > {{ function('rank_of') }}(best.evidence_key)
        and not regexp_matches(
            occupations.occupation_title, '(?i)\b(?:managers?|directors?|administrators?|supervisors?|chief)\b'
        ) as is_outranked,
        row_number() over (
            partition by best.match_key, best.source_id
            order by best.score desc, best.kind_position, best.vote desc, best.source_ref
        ) as source_position
    from best
    inner join {{ ref('harvest_occupations') }} as occupations on best.source_ref = occupations.source_ref
    left join open_titles on best.source_id = open_titles.source_id and best.evidence_key = open_titles.match_key
    qualify source_position <= 5
),

-- What describes a match is computed once, however many titles share the key.
named as (
    select
        match_key,
        row_number() over (
            partition by match_key order by source_id = {{ taxonomy() }} desc, trust_rank, source_position
        ) as candidate_position,
        source_id,
        source_position,
        source_ref,
        occupation_code,
        occupation_title,
        evidence_title,
        score,
        occupations,
        -- Words that no title of any source has may be the ones that matter; and a director of nurses is not a nurse.
        (occupations = 1 or is_spoken_for or is_usual)
        and not (way between 7 and 98 and unknown_words > 1)
        and not way between 40 and 49
        and way <> 100
        and not is_outranked
        and not is_open
            as is_settled,
        is_settled and (occupations = 1 or is_spoken_for) as is_decided,
        rule_id,
        why || case
            when occupations > 1 and is_spoken_for
                then ', of several occupations the one that its words speak for by other titles'
            else ''
        end as why,
        rule_id <> 'near_evidence' as is_exact,
        coalesce(kind_position = 4, false) as is_in_use,
        case when rule_id in ('exact_evidence', 'grade') then listings else 0 end as listed_under,
        match_key in (select listed.match_key from {{ ref('listed_keys') }} as listed) as is_listed,
        {{ function('words_in') }}(match_key, evidence_key) as words_shared,
        {{ function('words_missing') }}(match_key, evidence_key) as words_missing
    from ranked
)

select
    cleaned.title_id,
    named.* exclude (match_key) -- noqa: RF02
from {{ ref('cleaned_titles') }} as cleaned
inner join {{ ref('title_keys') }} as keys on cleaned.clean_title = keys.clean_title
inner join named on keys.match_key = named.match_key
