with
words_of_titles as (
    select distinct unnest(string_split(match_key, ' ')) as word
    from {{ ref('title_parts') }}
)

select words.word
from words_of_titles as words
anti join {{ ref('word_weights') }} as listed on words.word = listed.word
anti join {{ ref('word_meanings') }} as meanings on words.word = meanings.word
anti join {{ ref('title_words') }} as usual on words.word = usual.word
anti join {{ ref('place_names') }} as places on words.word = places.name
-- The total length of a word's spellings grows with the square of its length; no known word has forty letters.
where regexp_full_match(words.word, '[a-z]{7,40}')
