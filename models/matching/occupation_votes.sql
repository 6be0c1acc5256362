-- A second way to name the occupation, which does not look the title up: how far its phrases, by all other
-- titles of the source, speak for each occupation.
with
-- Only what another way has found something for: this one alone is right too seldom.
found as (
    select
        match_key,
        source_id
    from {{ ref('harvest_matches') }}
    union
    select
        near.match_key,
        evidence.source_id
    from {{ ref('near_matches') }} as near
    inner join {{ ref('harvest_evidence') }} as evidence on near.evidence_key = evidence.match_key
),

phrases as (
    select
        found.match_key,
        found.source_id,
        unnest({{ function('phrases_in') }}(keys.ungraded_key)) as phrase
    from found
    inner join {{ ref('harvest_keys') }} as keys on found.match_key = keys.match_key
),

-- What the title was found as does not count: it would agree with itself.
met as (
    select
        match_key,
        source_id,
        evidence_key,
        list(source_ref) as source_refs
    from {{ ref('harvest_matches') }}
    group by match_key, source_id, evidence_key
),

met_phrases as (
    select
        match_key,
        source_id,
        source_refs,
        unnest({{ function('phrases_in') }}(evidence_key)) as phrase
    from met
),

known_phrases as (
    select
        source_id,
        phrase,
        any_value(phrase_titles) as phrase_titles,
        any_value(weight) as weight
    from {{ ref('occupation_phrases') }}
    group by source_id, phrase
),

-- A phrase that no title of the source has tells as much as the rarest that one has.
rarest as (
    select
        source_id,
        max(weight) as weight
    from known_phrases
    group by source_id
),

told as (
    select
        phrases.match_key,
        phrases.source_id,
        sum(coalesce(known.weight, rarest.weight)) as weight
    from phrases
    inner join rarest on phrases.source_id = rarest.source_id
    left join known_phrases as known on phrases.source_id = known.source_id and phrases.phrase = known.phrase
    group by phrases.match_key, phrases.source_id
),

asked as (
    select
        phrases.match_key,
        known.source_id,
        phrases.phrase,
        known.weight,
        met_phrases.source_refs,
        known.phrase_titles - len(met_phrases.source_refs) as other_titles
    from phrases
    inner join known_phrases as known on phrases.source_id = known.source_id and phrases.phrase = known.phrase
    left join met_phrases
        on
            phrases.match_key = met_phrases.match_key
            and known.source_id = met_phrases.source_id
            and phrases.phrase = met_phrases.phrase
),

-- What many occupations have says little of any but those that have it often.
spoken as (
    select
        *,
        {{ function('voice') }}(weight, titles, phrase_titles) as voice
    from {{ ref('occupation_phrases') }}
    qualify row_number() over (
        partition by source_id, phrase order by titles desc, source_ref
    ) <= 30
),

-- Whole numbers, for sums of these are the same in any order.
votes as (
    select
        asked.match_key,
        asked.source_id,
        spoken.source_ref,
        sum(case
            when asked.source_refs is null then spoken.voice
            else {{ function('voice') }}(
                asked.weight,
                spoken.titles - list_contains(asked.source_refs, spoken.source_ref)::int,
                asked.other_titles
            )
        end) as vote,
        sum(spoken.titles)::bigint - count(asked.source_refs) as speakers
    from asked
    inner join spoken on asked.source_id = spoken.source_id and asked.phrase = spoken.phrase
    group by asked.match_key, asked.source_id, spoken.source_ref
),

ranked as (
    select
        *,
        row_number() over (partition by match_key, source_id order by vote desc, source_ref) as position,
        max(vote) over (partition by match_key, source_id) as best,
        lead(vote, 1, 0) over (partition by match_key, source_id order by vote desc, source_ref) as next_best
    from votes
    where vote > 0
    qualify position <= 10
)

select
    ranked.match_key,
    ranked.source_id,
    ranked.source_ref,
    ranked.position,
    ranked.speakers,
    ranked.vote / told.weight as vote,
    case when ranked.position = 1 then 1 - ranked.next_best / ranked.best else ranked.vote / ranked.best - 1 end
        as margin
from ranked
inner join told on ranked.match_key = told.match_key and ranked.source_id = told.source_id
