-- How far a phrase speaks for an occupation: the occupation's share of the source's titles with the phrase.
with
keys as (
    select distinct
        source_id,
        source_ref,
        match_key
    from {{ ref('known_titles') }}
),

phrases as (
    select
        source_id,
        source_ref,
        unnest({{ function('phrases_in') }}(match_key)) as phrase
    from keys
),

counts as (
    select
        source_id,
        source_ref,
        phrase,
        count(*) as titles
    from phrases
    group by source_id, source_ref, phrase
),

totals as (
    select
        source_id,
        count(*) as titles
    from keys
    group by source_id
),

phrase_totals as (
    select
        source_id,
        phrase,
        sum(titles)::bigint as phrase_titles
    from counts
    group by source_id, phrase
)

select
    counts.source_id,
    counts.source_ref,
    counts.phrase,
    counts.titles,
    phrase_totals.phrase_titles,
    round(1000 * (ln(totals.titles / phrase_totals.phrase_titles) + 1))::bigint as weight
from counts
inner join phrase_totals on counts.source_id = phrase_totals.source_id and counts.phrase = phrase_totals.phrase
inner join totals on counts.source_id = totals.source_id
