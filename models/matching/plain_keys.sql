-- What no title is known by may be known in other words: QA Lead, Analista de Dados.
with
meanings as (
    select
        word,
        meaning,
        -- Both are said otherwise, in the same language.
        if(role = 'misspelling', 'short form', role) as role, -- noqa: RF04
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

-- Where a word of another language tells, those of that language that do not are meant so too. As a title of its own
-- any work tells: Koch.
telling as (
    select
        unmatched.match_key,
        bool_or(meanings.role <> 'short form') as is_foreign
    from {{ ref('unmatched_words') }} as unmatched
    inner join meanings on unmatched.word = meanings.word
    where
        unmatched.part = 'whole'
        and (meanings.tells or (meanings.role = 'work' and unmatched.word = unmatched.match_key))
    group by unmatched.match_key
),

words as (
    select
        unmatched.*,
        telling.is_foreign
    from {{ ref('unmatched_words') }} as unmatched
    inner join telling on unmatched.match_key = telling.match_key
),

said as (
    select
        words.match_key,
        words.part,
        words.position,
        words.is_foreign,
        meanings.role,
        case
            when meanings.role = 'short form' or (words.is_foreign and meanings.role is not null)
                then coalesce(meanings.meaning, '')
            -- What is left of such a language between the words that are known could not be looked up.
            when regexp_matches(words.word, {{ unspaced_letters() }}) then ''
            else words.word
        end as said
    from words
    left join meanings on words.word = meanings.word
),

-- Of another language what names the work stands first, and last in English: analista de dado, data analyst. Before
-- it may stand what means nothing here: senior analista.
meant as (
    select
        *,
        position + case
            when is_foreign and role = 'work' and position = min(position) over (partition by match_key, part) then 1000
            else 0
        end as place
    from said
    where said <> ''
),

-- Koch / Köchin is one.
single as (
    select * from meant
    qualify
        not is_foreign
        or role is distinct from 'work'
        or row_number() over (partition by match_key, part, role, said order by place desc) = 1
)

select
    match_key,
    coalesce(string_agg(said, ' ' order by place) filter (part = 'whole'), '') as whole_key,
    coalesce(string_agg(said, ' ' order by place) filter (part = 'head'), '') as head_key,
    coalesce(string_agg(said, ' ' order by place) filter (part = 'field'), '') as field_key
from single
group by match_key
