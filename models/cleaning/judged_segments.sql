-- depends_on: {{ ref('segment_kinds') }}, {{ ref('pattern_phrases') }}
select
    segments.title_id,
    segments.position,
    segments.mark,
    segments.segment,
    by_text.ends_in_work,
    by_text.names_work,
    case
        when segments.segment = '' then 'empty'
        when
            regexp_full_match(segments.segment, '[A-Z]{2,6}s?')
            and ends_with(
                lag(by_text.initials) over in_title,
                rtrim(segments.segment, 's')
            )
            then 'acronym'
        when
            segments.position > 1
            and by_text.key = lag(by_text.key) over in_title
            then 'doubled'
        -- Codes with another meaning are states when they are next to states: (TN, PA, OH)
        when
            regexp_full_match(segments.segment, 'AL|AR|CO|CT|DE|IA|ID|IN|LA|MA|MD|ME|MS|OR|PA')
            and (
                (regexp_full_match(segments.mark, '\s*[,/&]\s*') and lag(by_text.is_state) over in_title)
                or (
                    regexp_full_match(lead(segments.mark) over in_title, '\s*[,/&]\s*')
                    and lead(by_text.is_state) over in_title
                )
            )
            then 'place'
        -- OR is the operating room, in Oregon too: RN - OR
        when
            regexp_full_match(
                lag(segments.segment) over in_title || ' ' || segments.segment,
                {{ phrase_pattern('hospital_letters') }}, 'i'
            )
            then 'field'
        -- The country says which Spanish: Spanish (Chile) Language Expert.
        when
            by_text.is_place and contains(segments.mark, '(')
            and regexp_matches(
                lag(segments.segment) over in_title, '(?i)\b' || {{ phrase_pattern('language') }} || '$'
            )
            and regexp_matches(
                lead(segments.segment) over in_title, '(?i)^(?:language|linguist|writer|speaker|translator|interpreter)'
            )
            then 'field'
        -- The parts of a list are of the same kind as its end: Latin American, Caribbean, and European Division.
        when
            by_text.is_place and trim(segments.mark) = ','
            and regexp_matches(lead(segments.segment) over in_title, '^(?:and|&)\s')
            and not lead(by_text.is_place) over in_title
            then 'field'
        when by_text.key = 'based' and lag(by_text.is_place) over in_title then 'place'
        -- Mathematics Specialist (Fluent in Hindi) - AI Trainer: the work is done in the language.
        when
            by_text.pattern_kind = 'language'
            and bool_or(by_text.works_in_language) over (partition by segments.title_id)
            then 'field'
        -- Japanese/ English Speaker; Bilingual - English/German
        when
            segments.position > 1 and by_text.is_language
            and (
                (
                    lead(by_text.pattern_kind) over in_title = 'language'
                    and regexp_full_match(lead(segments.mark) over in_title, '\s*[,/&]\s*')
                )
                or lag(by_text.pattern_kind) over in_title = 'language'
            )
            then 'language'
        when by_text.pattern_kind is not null then by_text.pattern_kind
        -- Paid Media Manager - CO, in Bogotá, Colombia
        when
            segments.position > 1
            and regexp_full_match(segments.segment || ' ' || segments.location, {{ phrase_pattern('code_of_country') }})
            then 'place'
        when {{ function('is_employer') }}(segments.segment, segments.company, coalesce(by_text.ends_known, true))
            then 'employer'
        when segments.position > 1 and {{ function('is_initials_of') }}(segments.segment, segments.location)
            then 'site'
        when segments.position > 1 and by_text.is_known_employer and not by_text.ends_in_work then 'employer'
        when by_text.is_place or (
            {{ function('is_in_location') }}(regexp_replace(segments.segment, '\s[A-Z]{2}$', ''), segments.location)
            and (
                (
                    by_text.known < by_text.words
                    -- Director, Japan Legal; but Veterinarian - Arnold Pet Station
                    and (
                        trim(segments.mark) <> ',' or not by_text.has_other_word
                        or {{ function('is_part_of') }}(segments.segment, segments.location)
                    )
                )
                or list_contains(
                    string_split_regex(lower(segments.location), '[^\pL]+'), lower(segments.segment)
                )
            )
            and not regexp_full_match(segments.segment, {{ phrase_pattern('specialty') }}, 'i')
        ) then 'place'
        -- San Diego, CA (Midtown)
        when
            (
                regexp_full_match(segments.segment, '[A-Z]{2}')
                or not (by_text.has_other_word or by_text.has_unknown_word)
            )
            and bool_or(by_text.is_place) over (
                in_title rows between unbounded preceding and 1 preceding
            )
            then 'place'
        when
            by_text.key = 'spring'
            and lead(by_text.pattern_kind) over in_title = 'date'
            then 'date'
        -- Paris/ Lutetia
        when
            starts_with(trim(segments.mark), '/') and not by_text.has_other_word
            and lag(by_text.is_place) over in_title
            then 'place'
        -- A word with its other gendered form names the person who does the work: Consultor(a)
        when by_text.ends_in_work or regexp_matches(segments.segment, '^\pL+\(\pL{1,4}\)') then 'work'
        -- goop Newport
        when
            case
                when starts_with(lower(segments.segment), lower(left(segments.company, 3)))
                    then
                        {{ function('is_name_of') }}(
                            regexp_extract(segments.segment, '^\S+'), segments.company
                        )
                        and {{ function('is_in_location') }}(
                            regexp_replace(segments.segment, '^\S+\s+', ''), segments.location
                        )
            end
            then 'site'
        when
            -- A clinic that is named after a specialty says what the work is.
            not regexp_matches(segments.segment, '\pL(?:olog|iatr|opath)')
            -- Manager, Honduran Market
            and not (
                segments.position = 2 and regexp_matches(segments.segment, '(?i)\smarkets?$')
                and regexp_full_match(
                    first_value(segments.segment) over in_title, {{ phrase_pattern('bare_head') }}, 'i'
                )
            )
            and (
                (by_text.has_site_word and not by_text.has_other_word and by_text.words > 1)
                or (
                    by_text.has_site_word and {{ function('town_of') }}(segments.location) <> ''
                    and ends_with(
                        lower(segments.segment), ' ' || lower({{ function('town_of') }}(segments.location))
                    )
                )
                or (by_text.has_unknown_word and contains(by_text.key, ' at '))
                or (segments.position > 1 and by_text.is_called_as_team)
                or case
                    when segments.position = 2 and by_text.is_called_as_site
                        then not regexp_full_match(
                            first_value(segments.segment) over in_title, {{ phrase_pattern('bare_head') }}, 'i'
                        )
                    else segments.position > 2 and by_text.is_called_as_site
                end
            )
            then 'site'
        -- Orbit Program, after an employer's engineers, consultants and managers
        when
            universe.companies = 1 and universe.heads >= 3 and universe.titles >= 10 and segments.company <> ''
            and regexp_matches(segments.segment, '(?i)\sprogram(?:me)?$')
            then 'employer'
        -- A repetition of the first part is only the end of the title: Early Intervention Official Designee, Early
        -- Intervention
        when
            segments.position > 1 and by_text.words > 1 and trim(segments.mark) in (',', '-', '–')
            and lead(segments.segment) over in_title is null
            and contains(
                ' ' || first_value(by_text.key) over in_title || ' ', ' ' || by_text.key || ' '
            )
            then 'doubled'
        when 2 * by_text.known >= by_text.words and by_text.ends_known then 'field'
        when
            universe.companies = 1 and universe.heads >= 5 and universe.titles >= 10 and segments.company <> ''
            and 2 * by_text.known < by_text.words and regexp_matches(segments.segment, '^\p{Lu}')
            and not regexp_matches(segments.segment, '(?i)\b(?:practice|industry|sector|markets?)$')
            then 'employer'
        when universe.companies >= 3 then 'field'
        else 'unknown'
    end as kind,
    {{ function('names_employer_or_site') }}(
        segments.segment, segments.company, by_text.words, by_text.has_work_word
    ) as may_be_context_before_work,
    by_text.has_site_word and by_text.has_unknown_word as has_name_of_site,
    lower(first_value(segments.segment) over in_title) as head,
    segments.company,
    contains(lead(segments.mark) over in_title, '(')
        as opens_bracket,
    lag(by_text.is_place) over in_title and segments.position > 2 as lag_is_place,
    lead(by_text.is_place) over in_title as lead_is_place,
    trim(lead(segments.mark) over in_title) as lead_mark,
    by_text.known = 0 and regexp_full_match(segments.segment, '(?:\p{Lu}[\p{Ll}''’-]+ ?){1,3}')
        as has_only_unknown_words,
    segments.position > 1 and coalesce(lead(segments.segment) over in_title, '') = '' as ends_title,
    ends_title and regexp_matches(segments.mark, '[-–—|]') as closes_title,
    by_text.key,
    segments.location
from {{ ref('segment_cuts') }} as segments
left join {{ ref('segment_readings') }} as by_text on segments.segment = by_text.segment
left join {{ ref('segment_universe') }} as universe
    on lower(segments.segment) = universe.key and segments.position > 1
window in_title as (partition by segments.title_id order by segments.position)
