-- depends_on: {{ ref('segment_kinds') }}, {{ ref('pattern_phrases') }}
with
cut as (
    select
        title_id,
        company,
        location,
        string_split_regex(title, {{ segment_mark() }}) as texts,
        [''] || regexp_extract_all(title, {{ segment_mark() }}) as marks
    from {{ ref('title_drafts') }}
    where regexp_matches(title, {{ segment_mark() }})
),

segments as (
    select
        title_id,
        company,
        location,
        generate_subscripts(texts, 1) as position,
        unnest(marks) as mark,
        unnest(texts) as segment
    from cut
),

-- What a text says by itself is found out once, however many titles have it.
texts as (
    select
        segment,
        lower(strip_accents(segment)) as key,
        regexp_extract_all(key, '[\pL\pN](?:[\pL\pN+#.''’]*[\pL\pN+#])?') as words
    from (select distinct segment from segments) as distinct_segments
    where segment <> ''
),

words as (
    select
        segment,
        generate_subscripts(words, 1) as nth,
        unnest(words) as word
    from texts
),

-- A plural that the list lacks is looked up as a singular.
read_words as (
    select
        words.segment,
        words.nth,
        words.word,
        coalesce(known.as_work, singular.as_work, 0) >= 3
        and coalesce(known.as_work / known.titles, singular.as_work / singular.titles) >= 0.35
        or coalesce(trade.role = 'work', false) as is_work,
        coalesce(known.titles, singular.titles, 0) >= 3 or trade.word is not null
        or regexp_full_match(words.word, '[ivx\d]+') as is_known,
        places.role
    from words
    left join {{ ref('title_words') }} as known on words.word = known.word
    left join {{ ref('title_words') }} as singular on rtrim(words.word, 's') = singular.word
    left join {{ ref('trade_words') }} as trade on words.word = trade.word
    left join {{ ref('place_words') }} as places on words.word = places.word
),

word_counts as (
    select
        segment,
        count(*) as words,
        arg_max(is_work, nth) as ends_in_work,
        arg_max(is_known, nth) as ends_known,
        count_if(is_known) as known,
        upper(string_agg(word[:1], '' order by nth) filter (not list_contains({{ words_in_small_letters() }}, word)))
            as initials,
        bool_or(is_work) as has_work_word,
        arg_max(role, nth) = 'site' or arg_min(role, nth) = 'site' as has_site_word,
        bool_or(role is null and not is_known) as has_unknown_word,
        bool_or(role is null and is_known) as has_other_word
    from read_words
    group by segment
),

-- Places, one or several: Paris or London; Rio de Janeiro/ RJ.
place_items as (
    select
        segment,
        unnest(string_split_regex(
            {{ without_words_about_places('key') }},
            '\s*[,/&|+;]\s*|\s+(?:or|and|to|und|et)\s+|\s+-\s+'
        )) as item
    from texts
),

place_names as (
    select name from {{ ref('place_names') }}
    union
    select name from {{ ref('place_regions') }}
),

placed as (
    select
        place_items.segment,
        count(places.name) > 0
        and bool_and(places.name is not null or regexp_full_match(place_items.item, '[a-z]{2}|\d{5}')) as is_place
    from place_items
    left join place_names as places on trim(place_items.item, ' .') = places.name
    where place_items.item <> ''
    group by place_items.segment
),

by_text as (
    select
        texts.segment,
        texts.key,
        {{ segment_kind('texts.segment', 'counts.ends_in_work') }} as pattern_kind,
        coalesce(placed.is_place, false) or whole.name is not null as is_place,
        counts.* exclude (segment) -- noqa: RF02
    from texts
    left join placed on texts.segment = placed.segment
    left join place_names as whole on texts.key = whole.name
    left join word_counts as counts on texts.segment = counts.segment
),

-- What stands behind many kinds of work of one employer alone is the employer's; a word of several
-- employers is one of the trade.
universe as (
    select
        lower(behind.segment) as key,
        count(*) as titles,
        count(distinct behind.company) as companies,
        count(distinct regexp_extract(lower(head.segment), '([\pL\pN]+)[^\pL\pN]*$', 1)) as heads
    from segments as behind
    inner join segments as head on behind.title_id = head.title_id and head.position = 1
    where behind.position > 1 and behind.segment <> ''
    group by lower(behind.segment)
),

judged as (
    select
        segments.title_id,
        segments.position,
        segments.mark,
        segments.segment,
        by_text.ends_in_work,
        case
            when segments.segment = '' then 'empty'
            when
                regexp_full_match(segments.segment, '[A-Z]{2,6}s?')
                and ends_with(
                    lag(by_text.initials) over (partition by segments.title_id order by segments.position),
                    rtrim(segments.segment, 's')
                )
                then 'acronym'
            when
                segments.position > 1
                and by_text.key = lag(by_text.key) over (partition by segments.title_id order by segments.position)
                then 'doubled'
            when by_text.pattern_kind is not null then by_text.pattern_kind
            when {{ is_employer('segments.segment', 'segments.company', 'coalesce(by_text.ends_known, true)') }}
                then 'employer'
            when by_text.is_place or (
                {{ is_in_location('segments.segment', 'segments.location') }}
                and (by_text.words = 1 or by_text.known < by_text.words)
            ) then 'place'
            -- San Diego, CA (Midtown)
            when
                (
                    regexp_full_match(segments.segment, '[A-Z]{2}')
                    or not (by_text.has_other_word or by_text.has_unknown_word)
                )
                and bool_or(by_text.is_place) over (
                    partition by segments.title_id order by segments.position
                    rows between unbounded preceding and 1 preceding
                )
                then 'place'
            when
                by_text.key = 'spring'
                and lead(by_text.pattern_kind) over (partition by segments.title_id order by segments.position) = 'date'
                then 'date'
            when by_text.ends_in_work then 'work'
            when
                (by_text.has_site_word and not by_text.has_other_word and by_text.words > 1)
                or (
                    by_text.has_site_word and {{ town_of('segments.location') }} <> ''
                    and ends_with(lower(segments.segment), ' ' || lower({{ town_of('segments.location') }}))
                )
                or (by_text.has_unknown_word and contains(by_text.key, ' at '))
                then 'site'
            when 2 * by_text.known >= by_text.words and by_text.ends_known then 'field'
            when
                universe.companies = 1 and universe.heads >= 5 and universe.titles >= 10 and segments.company <> ''
                and 2 * by_text.known < by_text.words and regexp_matches(segments.segment, '^\p{Lu}')
                then 'employer'
            when universe.companies >= 3 then 'field'
            else 'unknown'
        end as kind,
        {{ names_employer_or_site('segments.segment', 'segments.company', 'by_text') }} as may_be_context_before_work,
        contains(lead(segments.mark) over (partition by segments.title_id order by segments.position), '(')
            as opens_bracket
    from segments
    left join by_text on segments.segment = by_text.segment
    left join universe on lower(segments.segment) = universe.key and segments.position > 1
),

-- What comes first is the work, unless it is something else and the work comes later.
placed_kinds as (
    select
        * replace (
            case
                when position > 1 then kind
                when not bool_or(position > 1 and kind = 'work') over (partition by title_id) then 'work'
                when kind in ('field', 'unknown', 'unit') and opens_bracket then 'field'
                when kind in ('work', 'field', 'unknown') and may_be_context_before_work and not ends_in_work
                    then 'employer'
                when kind = 'unknown' then 'field'
                else kind
            end as kind
        )
    from judged
),

-- A short form shares the fate of what it is short for.
followed as (
    select
        * replace (
            case
                when kind = 'acronym' then lag(kind) over (partition by title_id order by position)
                else kind
            end as kind
        )
    from placed_kinds
)

select
    followed.title_id,
    followed.position,
    followed.mark,
    followed.segment,
    followed.kind,
    kinds.position as rule_position,
    kinds.rule_id
from followed
left join {{ ref('segment_kinds') }} as kinds on followed.kind = kinds.kind
