-- A word's weight: the rarer it is among the evidence's keys, the more it tells. In integer thousandths, so that sums
-- are the same in any order.
with
keys as (
    select distinct match_key from {{ ref('known_titles') }}
),

-- Materialized, because otherwise the keys would be split twice, once to count and once to join.
words as materialized (
    select
        match_key,
        unnest(list_distinct(string_split(match_key, ' '))) as word
    from keys
),

frequencies as (
    select
        word,
        count(*) as keys_with_word
    from words
    group by word
)

select
    words.match_key,
    words.word,
    frequencies.keys_with_word,
    round(1000 * (ln((select count(*) from keys) / frequencies.keys_with_word) + 1))::bigint as weight
from words
inner join frequencies on words.word = frequencies.word
