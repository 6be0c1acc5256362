-- How far a phrase speaks for an occupation: which share of its source's titles with the phrase are its titles.
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

summed as (
    select
        *,
        sum(titles) over (partition by source_id, phrase)::bigint as phrase_titles
    from counts
)

select
    summed.source_id,
    summed.source_ref,
    summed.phrase,
    summed.titles,
    summed.phrase_titles,
    round(1000 * (ln(totals.titles / summed.phrase_titles) + 1))::bigint as weight
from summed
inner join totals on summed.source_id = totals.source_id
