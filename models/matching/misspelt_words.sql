-- A wrong, missing or extra letter is found by comparing the words with one letter left out of either or both. Two
-- swapped letters and a missing space are looked for below.
with
known as (
    select
        word,
        keys_with_word >= 25 as is_usual
    from {{ ref('word_weights') }}
    where
        (is_usual and regexp_full_match(word, '[a-z]{6,}'))
        or (keys_with_word >= 5 and regexp_full_match(word, '[a-z]{9,}'))
),

words as (
    select
        word,
        is_usual,
        true as is_known
    from known
    union all
    select
        word,
        true as is_usual,
        false as is_known
    from {{ ref('unknown_words') }}
),

spellings as (
    select
        word,
        is_usual,
        is_known,
        unnest([word] || list_transform(
            range(1, length(word) + 1), lambda place: left(word, place - 1) || word[place + 1:]
        )) as spelling
    from words
),

alike as (
    select
        unknown_words.word,
        known_words.word as meaning
    from spellings as unknown_words
    -- Different beginnings and endings make different words: healthy is not a misspelt health.
    inner join spellings as known_words
        on
            unknown_words.spelling = known_words.spelling
            and left(unknown_words.word, 1) = left(known_words.word, 1)
            and right(unknown_words.word, 2) = right(known_words.word, 2)
    where
        not unknown_words.is_known
        and known_words.is_known
        -- A substituted letter more often makes a word of its own than an extra or missing one: ontologist is not a
        -- misspelt oncologist.
        and (
            known_words.is_usual
            or (
                length(unknown_words.word) >= 9
                and (unknown_words.word = known_words.spelling or unknown_words.spelling = known_words.word)
            )
        )
),

swapped as (
    select
        words.word,
        known.word as meaning
    from {{ ref('unknown_words') }} as words
    cross join unnest(range(2, length(words.word))) as places (place)
    inner join known
        on
            left(words.word, places.place - 1)
            || substring(words.word, places.place + 1, 1)
            || substring(words.word, places.place, 1)
            || substring(words.word, places.place + 2)
            = known.word
),

-- Two words without the space between them, of which the second names work: MathTutor.
listed as (
    select
        word,
        max(keys_with_word) as keys_with_word,
        count_if(ends_with(match_key, ' ' || word)) as works
    from {{ ref('evidence_words') }}
    where regexp_full_match(word, '[a-z]{4,}')
    group by word
),

joined as (
    select
        cut.word,
        first_words.word || ' ' || last_words.word as meaning
    from {{ ref('unknown_words') }} as cut
    cross join unnest(range(4, length(cut.word) - 4)) as places (place)
    inner join listed as first_words on left(cut.word, places.place) = first_words.word
    inner join listed as last_words on substring(cut.word, places.place + 1) = last_words.word
    where first_words.keys_with_word >= 25 and last_words.works >= 10
),

readings as (
    select * from alike
    union
    select * from swapped
    union
    select * from joined
)

select
    word,
    any_value(meaning) as meaning
from readings
group by word
having count(distinct meaning) = 1
