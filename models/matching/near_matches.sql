-- Keys that meet no evidence but as their last words, by the words that they share with it. A key is compared only
-- with evidence that shares one of its two rarest words, so that the work grows with the keys and not with
-- keys times evidence.
with
vocabulary as (
    select
        word,
        any_value(keys_with_word) as keys_with_word,
        any_value(weight) as weight
    from {{ ref('evidence_words') }}
    group by word
),

words as (
    select
        keys.match_key,
        unnest(list_distinct(string_split(keys.ungraded_key, ' '))) as word
    from {{ ref('harvest_keys') }} as keys
    where
        keys.match_key not in (
            select matches.match_key from {{ ref('harvest_matches') }} as matches
            where matches.source_id = {{ taxonomy() }} and matches.way <= 5
        )
),

-- A word that no evidence has tells as much as the rarest that it has.
weighted_words as (
    select
        words.match_key,
        words.word,
        coalesce(vocabulary.keys_with_word, 0) as keys_with_word,
        coalesce(vocabulary.weight, (select max(known.weight) from vocabulary as known)) as weight
    from words
    left join vocabulary on words.word = vocabulary.word
),

totals as (
    select
        match_key,
        sum(weight) as weight
    from weighted_words
    group by match_key
),

evidence_totals as (
    select
        match_key,
        sum(weight) as weight
    from {{ ref('evidence_words') }}
    group by match_key
),

rare_words as (
    select
        match_key,
        word
    from weighted_words
    where keys_with_word between 1 and {{ var('near_block') }}
    qualify row_number() over (partition by match_key order by keys_with_word, word) <= 2
),

blocked as (
    select distinct
        words.match_key,
        evidence.match_key as evidence_key
    from rare_words as words
    inner join {{ ref('evidence_words') }} as evidence on words.word = evidence.word
),

-- No score is above what the lighter of both, shared whole, would make of it.
promising as (
    select
        blocked.match_key,
        blocked.evidence_key,
        totals.weight + evidence_totals.weight as weight
    from blocked
    inner join totals on blocked.match_key = totals.match_key
    inner join evidence_totals on blocked.evidence_key = evidence_totals.match_key
    where
        2 * least(totals.weight, evidence_totals.weight)
        >= {{ var('near_threshold') }} * (totals.weight + evidence_totals.weight)
),

scored as (
    select
        promising.match_key,
        promising.evidence_key,
        2 * sum(words.weight) / any_value(promising.weight) as likeness,
        count(*) as words_shared
    from promising
    inner join weighted_words as words on promising.match_key = words.match_key
    inner join {{ ref('evidence_words') }} as evidence
        on promising.evidence_key = evidence.match_key and words.word = evidence.word
    group by promising.match_key, promising.evidence_key
)

select
    match_key,
    evidence_key,
    round(likeness, 4) as likeness
from scored
where
    likeness >= {{ var('near_threshold') }}
    and words_shared >= (select limits.words_shared from {{ ref('match_limits') }} as limits)
qualify row_number() over (partition by match_key order by round(likeness, 6) desc, evidence_key) <= 10
