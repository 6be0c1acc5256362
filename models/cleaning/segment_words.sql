with
texts as (
    select
        segment,
        regexp_extract_all(key, {{ word_of_segment() }}) as words
    from {{ ref('segment_texts') }}
),

words as (
    select
        segment,
        generate_subscripts(words, 1) as nth,
        unnest(words) as word
    from texts
),

employers as (
    select distinct
        array_to_string(regexp_extract_all(lower(strip_accents(name)), {{ word_of_segment() }}), ' ') as words
    from {{ ref('employer_names') }}
),

beginnings as (
    select
        segment,
        nth,
        string_agg(word, ' ') over (partition by segment order by nth) as words
    from words
    where nth <= 5
),

-- How many of its first words are the name of a well-known employer: Hampton Inn Tulsa South.
named as (
    select
        beginnings.segment,
        max(beginnings.nth) as employer_words
    from beginnings
    inner join employers on beginnings.words = employers.words
    group by beginnings.segment
),

-- A plural is looked up as a singular too.
read_words as (
    select
        words.segment,
        words.nth,
        words.word,
        coalesce(
            -- The list written by hand takes precedence: someone who works in juvenile justice is not a judge.
            trade.role = 'work',
            (known.as_work >= 3 and known.as_work / known.titles >= 0.35)
            or (singular.as_work >= 3 and singular.as_work / singular.titles >= 0.35),
            false
        ) as is_work,
        meanings.word is not null as is_work_abroad,
        coalesce(known.titles, singular.titles, 0) >= 3 or trade.word is not null
        or regexp_full_match(words.word, '[ivx\d]+') as is_known,
        places.role,
        named_places.name is not null as is_place,
        named.employer_words
    from words
    left join {{ ref('title_words') }} as known on words.word = known.word
    left join {{ ref('title_words') }} as singular on rtrim(words.word, 's') = singular.word
    left join {{ ref('trade_words') }} as trade on words.word = trade.word
    left join {{ ref('place_words') }} as places on words.word = places.word
    left join {{ ref('known_places') }} as named_places on words.word = named_places.name
    left join {{ ref('word_meanings') }} as meanings
        on words.word = meanings.word and meanings.role = 'work' and meanings.tells and meanings.language <> 'en'
    left join named on words.segment = named.segment
)

select
    segment,
    any_value(employer_words) is not null
    and count_if(is_known and role is null and nth > employer_words) = 0 as is_known_employer,
    count(*) as words,
    arg_max(is_work, nth) as ends_in_work,
    arg_max(is_known, nth) as ends_known,
    count_if(is_known) as known,
    upper(string_agg(word[:1], '' order by nth) filter (not list_contains({{ words_in_small_letters() }}, word)))
        as initials,
    bool_or(is_work) as has_work_word,
    ends_in_work or bool_or(is_work_abroad) as names_work,
    (arg_max(role, nth) = 'site' or arg_min(role, nth) = 'site')
    -- Market Initiatives is not a place, nor is School Feeding.
    and not (
        list_contains(['market', 'school', 'office', 'house', 'site', 'branch'], arg_min(word, nth))
        and arg_max(coalesce(role, ''), nth) <> 'site'
    )
        as has_site_word,
    -- Central Wrexham
    coalesce(
        arg_min(is_place and not is_known, nth) filter (role is distinct from 'passing'), false
    ) as begins_with_place,
    arg_max(is_place and not is_known, nth) as ends_in_place,
    bool_or(role is null and not is_known) as has_unknown_word,
    bool_or(role is null and is_known) as has_other_word
from read_words
group by segment
