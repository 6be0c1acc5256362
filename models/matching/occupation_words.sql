-- How far a word speaks for an occupation: which share of its source's titles with the word are its titles.
with
keys as (
    select distinct
        source_id,
        source_ref,
        match_key
    from {{ ref('harvest_evidence') }}
),

words as (
    select
        source_id,
        source_ref,
        unnest(list_distinct(string_split(match_key, ' '))) as word
    from keys
),

counts as (
    select
        source_id,
        source_ref,
        word,
        count(*) as titles
    from words
    group by source_id, source_ref, word
)

select
    source_id,
    source_ref,
    word,
    titles,
    sum(titles) over (partition by source_id, word)::bigint as word_titles
from counts
