-- A key that matches no known title may match one in other words: QA Lead, Analista de Dados.
with
meanings as (
    select
        word,
        meaning,
        -- Both are replaced within the same language.
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

-- Where one word identifies another language, that language's ambiguous words are translated too. As a title of its
-- own, any word for work is translated: Koch.
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
            -- Words of such a language that stay unknown between the known ones could not be looked up.
            when regexp_matches(words.word, {{ unspaced_letters() }}) then ''
            else words.word
        end as said
    from words
    left join meanings on words.word = meanings.word
),

-- In other languages what names the work comes first, in English last: analista de dado, data analyst. It may be
-- preceded by words that mean nothing here: senior analista.
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

-- Koch / Köchin becomes one word.
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
