-- What no title is known by may be known in other words: QA Lead, Analista de Dados.
with
unknown as (
    select parted.*
    from {{ ref('title_parts') }} as parted
    anti join {{ ref('known_titles') }} as alike on parted.match_key = alike.match_key
    anti join {{ ref('known_titles') }} as ungraded on parted.ungraded_key = ungraded.match_key
    anti join {{ ref('known_titles') }} as heads on {{ function('ungraded_key') }}(parted.head_key) = heads.match_key
),

meanings as (
    select
        word,
        meaning,
        role,
        tells
    from {{ ref('word_meanings') }}
    union all
    select
        word,
        meaning,
        'short form' as role, -- noqa: RF04
        true as tells
    from {{ ref('misspelt_words') }}
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
),

all_words as (
    select
        match_key,
        part,
        unnest(words) as word,
        generate_subscripts(words, 1) as position
    from split
),

-- Where a word of another language tells, those of that language that do not are meant so too.
telling as (
    select
        all_words.match_key,
        bool_or(meanings.role <> 'short form') as is_foreign
    from all_words
    inner join meanings on all_words.word = meanings.word
    where meanings.tells and all_words.part = 'whole'
    group by all_words.match_key
),

words as (
    select
        all_words.*,
        telling.is_foreign
    from all_words
    inner join telling on all_words.match_key = telling.match_key
),

-- Of another language what names the work stands first, and last in English: analista de dado, data analyst.
meant as (
    select
        words.match_key,
        words.part,
        words.position
        + case when words.is_foreign and words.position = 1 and meanings.role = 'work' then 1000 else 0 end as position,
        case
            when meanings.role = 'short form' or (words.is_foreign and meanings.role is not null)
                then coalesce(meanings.meaning, '')
            -- What is left of such a language between the words that are known could not be looked up.
            when regexp_matches(words.word, {{ unspaced_letters() }}) then ''
            else words.word
        end as said
    from words
    left join meanings on words.word = meanings.word
)

select
    match_key,
    coalesce(string_agg(said, ' ' order by position) filter (part = 'whole' and said <> ''), '') as whole_key,
    coalesce(string_agg(said, ' ' order by position) filter (part = 'head' and said <> ''), '') as head_key,
    coalesce(string_agg(said, ' ' order by position) filter (part = 'field' and said <> ''), '') as field_key
from meant
group by match_key
