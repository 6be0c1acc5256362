-- Keys that find no evidence except by their last words, matched by the words that they share with it. A key is
-- compared only with evidence that shares one of its two rarest words, so that the work grows with the keys and not
-- with keys times evidence. Keys and words are compared by number: as texts they take five times the memory.
with
vocabulary as (
    select
        word,
        keys_with_word,
        weight,
        row_number() over (order by word) as word_number,
        1::ubigint << (word_number % 64)::ubigint as mark
    from {{ ref('word_weights') }}
),

evidence_keys as (
    select
        words.match_key,
        sum(words.weight) as weight,
        bit_or(vocabulary.mark) as marks,
        row_number() over (order by words.match_key) as evidence_number
    from {{ ref('evidence_words') }} as words
    inner join vocabulary on words.word = vocabulary.word
    group by words.match_key
),

evidence as (
    select
        evidence_keys.evidence_number,
        evidence_keys.weight,
        evidence_keys.marks,
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

-- A word that is in no evidence tells as much as the rarest word that is.
weighted_words as (
    select
        keys.key_number,
        words.word,
        vocabulary.word_number,
        vocabulary.mark,
        coalesce(vocabulary.keys_with_word, 0) as keys_with_word,
        coalesce(vocabulary.weight, (select max(known.weight) from vocabulary as known)) as weight
    from keys
    cross join unnest(keys.words) as words (word)
    left join vocabulary on words.word = vocabulary.word
),

totals as (
    select
        key_number,
        sum(weight) as weight,
        bit_or(mark) as marks,
        count(mark) - bit_count(bit_or(mark)) as words_marked_alike
    from weighted_words
    group by key_number
),

rare_words as (
    select
        key_number,
        word_number,
        weight
    from weighted_words
    where keys_with_word between 1 and {{ var('near_block') }}
    qualify row_number() over (partition by key_number order by keys_with_word, word) <= 2
),

-- Nearly all pairs share that one word only, as their bit marks show: two keys share at most as many words as they
-- share marks, plus the words of the key whose marks coincide. The likeness cannot exceed what it would be if the
-- lighter key were shared completely.
promising as (
    select
        rare_words.key_number,
        evidence.evidence_number,
        any_value(totals.weight + evidence.weight) as weight
    from rare_words
    cross join {{ ref('match_limits') }} as limits
    inner join totals on rare_words.key_number = totals.key_number
    inner join evidence on rare_words.word_number = evidence.word_number
    where
        {{ var('near_threshold') }} * (totals.weight + evidence.weight) <= 2 * case
            when bit_count(totals.marks & evidence.marks) + totals.words_marked_alike > 1
                then least(totals.weight, evidence.weight)
            when limits.words_shared = 1 then rare_words.weight
            else 0
        end
    group by rare_words.key_number, evidence.evidence_number
),

-- Materialized, because otherwise the words of all keys would first be joined with those of all evidence.
asked as materialized (
    select
        promising.*,
        words.word_number,
        words.weight as word_weight
    from promising
    inner join weighted_words as words on promising.key_number = words.key_number
),

-- The numbers are in the order of the keys, so they break ties like the keys.
nearest as (
    select
        asked.key_number,
        asked.evidence_number,
        2 * sum(asked.word_weight) / any_value(asked.weight) as likeness
    from asked
    inner join evidence
        on asked.evidence_number = evidence.evidence_number and asked.word_number = evidence.word_number
    group by asked.key_number, asked.evidence_number
    having
        likeness >= {{ var('near_threshold') }}
        and count(*) >= (select limits.words_shared from {{ ref('match_limits') }} as limits)
    qualify row_number() over (
        partition by asked.key_number order by round(likeness, 6) desc, asked.evidence_number
    ) <= 10
)

select
    keys.match_key,
    evidence_keys.match_key as evidence_key,
    round(nearest.likeness, 4) as likeness
from nearest
inner join keys on nearest.key_number = keys.key_number
inner join evidence_keys on nearest.evidence_number = evidence_keys.evidence_number
