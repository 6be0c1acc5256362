-- A second way to find the occupation, without looking up the title: how far its phrases, judged by all other titles of
-- the source, speak for each occupation. Titles, phrases and occupations are represented by numbers, assigned in the
-- order of their texts.
with
-- Keys for which another way has found something and, for guessing, all keys in sources with enough information.
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
    inner join {{ ref('known_titles') }} as evidence on near.evidence_key = evidence.match_key
    union
    select
        keys.match_key,
        sources.source_id
    from {{ ref('harvest_keys') }} as keys
    cross join {{ ref('guessed_sources') }} as sources
),

-- A title is processed once for each source.
titles as (
    select
        found.match_key,
        found.source_id,
        keys.ungraded_key,
        keys.work_key,
        row_number() over (order by found.match_key, found.source_id) as title_number
    from found
    inner join {{ ref('harvest_keys') }} as keys on found.match_key = keys.match_key
),

occupations as (
    select
        source_ref,
        row_number() over (order by source_ref) as occupation_number
    from {{ ref('occupation_phrases') }}
    group by source_ref
),

known_phrases as (
    select
        source_id,
        phrase,
        any_value(phrase_titles) as phrase_titles,
        any_value(weight) as weight,
        row_number() over (order by source_id, phrase) as phrase_number
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

work_phrases as (
    select
        title_number,
        source_id,
        ungraded_key,
        ungraded_key <> work_key as has_more,
        {{ function('phrases_in') }}(work_key) as phrases
    from titles
),

-- Tenths are the phrase's factor: what does not name the work counts less, as in Account Manager, DNA Synthesis.
title_phrases as (
    select
        title_number,
        source_id,
        10 as tenths,
        unnest(phrases) as phrase
    from work_phrases
    union all
    select
        title_number,
        source_id,
        4 as tenths,
        unnest(
            list_filter(
                {{ function('phrases_in') }}(ungraded_key), lambda phrase: not list_contains(phrases, phrase)
            )
        ) as phrase
    from work_phrases
    where has_more
),

phrases as (
    select
        title_phrases.title_number,
        title_phrases.tenths,
        known.phrase_number,
        known.phrase_titles,
        coalesce(known.weight, rarest.weight) as weight
    from title_phrases
    inner join rarest on title_phrases.source_id = rarest.source_id
    left join known_phrases as known
        on title_phrases.source_id = known.source_id and title_phrases.phrase = known.phrase
),

told as (
    select
        title_number,
        sum(tenths * weight) as weight
    from phrases
    group by title_number
),

-- The titles that the key was found as do not count: the match would confirm itself. A phrase of two that it was found
-- as is counted once without each of them, as it was where the coefficients were fitted.
met as (
    select
        titles.title_number,
        titles.source_id,
        matches.evidence_key,
        list(occupations.occupation_number) as occupation_numbers
    from {{ ref('harvest_matches') }} as matches
    inner join titles on matches.match_key = titles.match_key and matches.source_id = titles.source_id
    inner join occupations on matches.source_ref = occupations.source_ref
    -- A match by other words is scored without votes.
    where matches.way <> 5
    group by titles.title_number, titles.source_id, matches.evidence_key
),

met_phrases as (
    select
        title_number,
        source_id,
        occupation_numbers,
        unnest({{ function('phrases_in') }}(evidence_key)) as phrase
    from met
),

met_numbers as (
    select
        met_phrases.title_number,
        known.phrase_number,
        met_phrases.occupation_numbers
    from met_phrases
    inner join known_phrases as known on met_phrases.source_id = known.source_id and met_phrases.phrase = known.phrase
),

asked as (
    select
        phrases.title_number,
        phrases.phrase_number,
        phrases.tenths,
        phrases.weight,
        met_numbers.occupation_numbers,
        phrases.phrase_titles - len(met_numbers.occupation_numbers) as other_titles
    from phrases
    left join met_numbers
        on phrases.title_number = met_numbers.title_number and phrases.phrase_number = met_numbers.phrase_number
    where phrases.phrase_number is not null
),

-- A phrase that many occupations have says little about any except those that have it often.
spoken as (
    select
        known.phrase_number,
        occupations.occupation_number,
        phrases.titles,
        {{ function('voice') }}(phrases.weight, phrases.titles, phrases.phrase_titles) as voice
    from {{ ref('occupation_phrases') }} as phrases
    inner join known_phrases as known on phrases.source_id = known.source_id and phrases.phrase = known.phrase
    inner join occupations on phrases.source_ref = occupations.source_ref
    qualify row_number() over (
        partition by known.phrase_number order by phrases.titles desc, occupations.occupation_number
    ) <= 30
),

-- The values are whole numbers, so that sums are the same in any order; as doubles, which hold them exactly and take
-- half the memory to sum.
votes as (
    select
        asked.title_number,
        spoken.occupation_number,
        sum((asked.tenths * case
            when asked.occupation_numbers is null then spoken.voice
            else {{ function('voice') }}(
                asked.weight,
                spoken.titles - list_contains(asked.occupation_numbers, spoken.occupation_number)::int,
                asked.other_titles
            )
        end)::double) as vote,
        sum((spoken.titles - (asked.occupation_numbers is not null)::int)::double)::bigint as speakers
    from asked
    inner join spoken on asked.phrase_number = spoken.phrase_number
    group by asked.title_number, spoken.occupation_number
),

-- The ten best votes and the next one, each encoded with its occupation in one number that preserves the order: sorting
-- all votes would take as long as counting them.
numbers as (
    select count(*) + 1 as above_all from occupations
),

numbered as (
    select
        votes.title_number,
        votes.speakers,
        numbers.above_all,
        votes.vote::bigint * numbers.above_all - votes.occupation_number as place
    from votes
    cross join numbers
    where votes.vote > 0
),

best as (
    select
        title_number,
        any_value(above_all) as above_all,
        max(place, 11) as places,
        arg_max(speakers, place) as speakers
    from numbered
    group by title_number
),

ranked as (
    select
        title_number,
        generate_subscripts(places[:10], 1) as position,
        unnest(places[:10]) as place,
        above_all - place % above_all as occupation_number,
        place // above_all + 1 as vote,
        places[1] // above_all + 1 as best,
        coalesce(places[2] // above_all + 1, 0) as next_best,
        case when position = 1 then speakers end as speakers
    from best
)

select
    titles.match_key,
    titles.source_id,
    occupations.source_ref,
    ranked.position,
    ranked.speakers,
    ranked.vote / told.weight as vote,
    case when ranked.position = 1 then 1 - ranked.next_best / ranked.best else ranked.vote / ranked.best - 1 end
        as margin
from ranked
inner join told on ranked.title_number = told.title_number
inner join titles on ranked.title_number = titles.title_number
inner join occupations on ranked.occupation_number = occupations.occupation_number
