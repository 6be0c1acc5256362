-- Keys that match no known title, neither whole nor by their head, are looked up word by word.
with
unknown as (
    select parted.*
    from {{ ref('title_parts') }} as parted
    anti join {{ ref('known_titles') }} as alike on parted.match_key = alike.match_key
    anti join {{ ref('known_titles') }} as ungraded on parted.ungraded_key = ungraded.match_key
    anti join {{ ref('known_titles') }} as heads on {{ function('ungraded_key') }}(parted.head_key) = heads.match_key
),

wordings as (
    select
        match_key,
        unnest(['whole', 'head', 'field']) as part,
        unnest([match_key, head_key, field_key]) as said
    from unknown
),

split as (
    select
        wordings.match_key,
        wordings.part,
        coalesce(apart.words, string_split(wordings.said, ' ')) as words
    from wordings
    left join {{ ref('unspaced_keys') }} as apart on wordings.said = apart.unspaced_key
    where wordings.said <> ''
),

single_words as (
    select
        *,
        unnest(words) as word,
        generate_subscripts(words, 1) as position
    from split
),

-- Phrases whose words mean something together: chef de rang.
phrases as (
    select
        word as phrase,
        string_split(word, ' ') as phrase_words,
        len(phrase_words) as length
    from {{ ref('word_meanings') }}
    where contains(word, ' ')
),

said_phrases as (
    select
        single_words.match_key,
        single_words.part,
        phrases.phrase,
        single_words.position,
        single_words.position + phrases.length as place_behind,
        row_number() over (
            partition by single_words.match_key, single_words.part order by phrases.length desc, single_words.position
        ) as precedence
    from single_words
    inner join phrases
        on
            single_words.word = phrases.phrase_words[1]
            and single_words.words[single_words.position:single_words.position + phrases.length - 1]
            = phrases.phrase_words
),

-- Of phrases that share a word, the longer one.
longest_phrases as (
    select said_phrases.*
    from said_phrases
    anti join said_phrases as longer
        on
            said_phrases.match_key = longer.match_key
            and said_phrases.part = longer.part
            and said_phrases.position < longer.place_behind
            and said_phrases.place_behind > longer.position
            and said_phrases.precedence > longer.precedence
)

select
    single_words.match_key,
    single_words.part,
    single_words.word,
    single_words.position
from single_words
anti join longest_phrases as phrases
    on
        single_words.match_key = phrases.match_key
        and single_words.part = phrases.part
        and single_words.position >= phrases.position
        and single_words.position < phrases.place_behind
union all
select
    match_key,
    part,
    phrase as word,
    position
from longest_phrases
