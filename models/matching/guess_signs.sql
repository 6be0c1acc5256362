-- What speaks for each occupation where nothing likely was found: how far the title's words do, and matches that are
-- unlikely by themselves.
with
keys as (
    select keys.match_key
    from {{ ref('harvest_keys') }} as keys
    anti join {{ ref('match_scores') }} as scores
        on keys.match_key = scores.match_key and (scores.way <= 2 or scores.score >= {{ var('candidate_threshold') }})
),

signs as (
    select
        match_key,
        source_id,
        source_ref,
        vote,
        speakers,
        0 as found
    from {{ ref('occupation_votes') }}
    union all
    select
        match_key,
        source_id,
        source_ref,
        0 as vote,
        0 as speakers,
        score as found
    from {{ ref('match_scores') }}
)

select
    signs.match_key,
    signs.source_id,
    signs.source_ref,
    max(signs.vote) as vote,
    coalesce(max(signs.speakers), 0) as speakers,
    max(signs.found) as found
from signs
semi join keys on signs.match_key = keys.match_key
semi join {{ ref('guessed_sources') }} as guessed on signs.source_id = guessed.source_id
group by signs.match_key, signs.source_id, signs.source_ref
