-- Keys that meet no evidence but as their last words, by the words that they share with it. A key is compared only
-- with evidence that shares one of its two rarest words: the work grows with the keys, not with keys times
-- evidence. Keys and words are compared by number: as texts they take five times the memory.
with
vocabulary as (
    select
        word,
        any_value(keys_with_word) as keys_with_word,
        any_value(weight) as weight,
        row_number() over (order by word) as word_number
    from {{ ref('evidence_words') }}
    group by word
),

evidence_keys as (
    select
        match_key,
        sum(weight) as weight,
        row_number() over (order by match_key) as evidence_number
    from {{ ref('evidence_words') }}
    group by match_key
),

evidence as (
    select
        evidence_keys.evidence_number,
        vocabulary.word_number
    from {{ ref('evidence_words') }} as words
    inner join evidence_keys on words.match_key = evidence_keys.match_key
    inner join vocabulary on words.word = vocabulary.word
),

keys as (
    select
        keys.match_key,
        list_distinct(string_split(keys.ungraded_key, ' ')) as words,
        row_number() over (order by keys.match_key) as key_number
    from {{ ref('harvest_keys') }} as keys
    where
        keys.match_key not in (
            select matches.match_key from {{ ref('harvest_matches') }} as matches
            where matches.source_id = {{ taxonomy() }} and matches.way <= 6
        )
),

-- A word that no evidence has tells as much as the rarest that it has.
weighted_words as (
    select
        keys.key_number,
        words.word,
        vocabulary.word_number,
        coalesce(vocabulary.keys_with_word, 0) as keys_with_word,
        coalesce(vocabulary.weight, (select max(known.weight) from vocabulary as known)) as weight
    from keys
    cross join unnest(keys.words) as words (word)
    left join vocabulary on words.word = vocabulary.word
),

totals as (
    select
        key_number,
        sum(weight) as weight
    from weighted_words
    group by key_number
),

rare_words as (
    select
        key_number,
        word_number
    from weighted_words
    where keys_with_word between 1 and {{ var('near_block') }}
    qualify row_number() over (partition by key_number order by keys_with_word, word) <= 2
),

-- No score is above what the lighter of both, shared whole, would make of it.
promising as (
    select
        blocked.key_number,
        blocked.evidence_number,
        totals.weight + evidence_keys.weight as weight
    from (
        select distinct
            rare_words.key_number,
            evidence.evidence_number
        from rare_words inner join evidence on rare_words.word_number = evidence.word_number
    ) as blocked
    inner join totals on blocked.key_number = totals.key_number
    inner join evidence_keys on blocked.evidence_number = evidence_keys.evidence_number
    where
        2 * least(totals.weight, evidence_keys.weight)
        >= {{ var('near_threshold') }} * (totals.weight + evidence_keys.weight)
),

-- Numbers stand in the order of the keys.
nearest as (
    select
        promising.key_number,
        promising.evidence_number,
        2 * sum(words.weight) / any_value(promising.weight) as likeness
    from promising
    inner join weighted_words as words on promising.key_number = words.key_number
    inner join evidence
        on promising.evidence_number = evidence.evidence_number and words.word_number = evidence.word_number
    group by promising.key_number, promising.evidence_number
    having
        likeness >= {{ var('near_threshold') }}
        and count(*) >= (select limits.words_shared from {{ ref('match_limits') }} as limits)
    qualify row_number() over (
        partition by promising.key_number order by round(likeness, 6) desc, promising.evidence_number
    ) <= 10
)

select
    keys.match_key,
    evidence_keys.match_key as evidence_key,
    round(nearest.likeness, 4) as likeness
from nearest
inner join keys on nearest.key_number = keys.key_number
inner join evidence_keys on nearest.evidence_number = evidence_keys.evidence_number
