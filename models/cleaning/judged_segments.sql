-- depends_on: {{ ref('segment_kinds') }}, {{ ref('pattern_phrases') }}
with
-- With what stands before and behind it in the title.
neighbored as (
    select
        segments.*,
        readings.* exclude (segment), -- noqa: RF02
        universe.companies,
        universe.heads,
        universe.titles,
        first_value(segments.segment) over in_title as first_segment,
        first_value(readings.key) over in_title as first_key,
        lag(segments.segment) over in_title as segment_before,
        lag(readings.key) over in_title as key_before,
        lag(readings.initials) over in_title as initials_before,
        lag(readings.pattern_kind) over in_title as pattern_kind_before,
        lag(readings.is_place) over in_title as is_place_before,
        lag(readings.is_state) over in_title as is_state_before,
        lead(segments.segment) over in_title as segment_behind,
        lead(segments.mark) over in_title as mark_behind,
        lead(readings.pattern_kind) over in_title as pattern_kind_behind,
        lead(readings.is_place) over in_title as is_place_behind,
        lead(readings.is_state) over in_title as is_state_behind,
        bool_or(readings.is_place) over (in_title rows between unbounded preceding and 1 preceding) as is_behind_place,
        bool_or(readings.works_in_language) over (partition by segments.title_id) as is_work_in_language
    from {{ ref('segment_cuts') }} as segments
    left join {{ ref('segment_readings') }} as readings on segments.segment = readings.segment
    left join {{ ref('segment_universe') }} as universe
        on lower(segments.segment) = universe.key and segments.position > 1
    window in_title as (partition by segments.title_id order by segments.position)
)

select
    title_id,
    position,
    mark,
    segment,
    ends_in_work,
    names_work,
    case
        when segment = '' then 'empty'
        when
            regexp_full_match(segment, '[A-Z]{2,6}s?')
            and ends_with(initials_before, rtrim(segment, 's'))
            then 'acronym'
        when position > 1 and key = key_before then 'doubled'
        -- Codes with another meaning are states when they are next to states: (TN, PA, OH)
        when
            regexp_full_match(segment, 'AL|AR|CO|CT|DE|IA|ID|IN|LA|MA|MD|ME|MS|OR|PA')
            and (
                (regexp_full_match(mark, '\s*[,/&]\s*') and is_state_before)
                or (regexp_full_match(mark_behind, '\s*[,/&]\s*') and is_state_behind)
            )
            then 'place'
        -- OR is the operating room, in Oregon too: RN - OR
        when
            regexp_full_match(segment_before || ' ' || segment, {{ phrase_pattern('field_behind') }}, 'i')
            then 'field'
        -- The country says which Spanish: Spanish (Chile) Language Expert.
        when
            is_place and contains(mark, '(')
            and regexp_matches(segment_before, '(?i)\b' || {{ phrase_pattern('language') }} || '$')
            and regexp_matches(segment_behind, '(?i)^(?:language|linguist|writer|speaker|translator|interpreter)')
            then 'field'
        -- The parts of a list are of the same kind as its end: Latin American, Caribbean, and European Division.
        when
            is_place and trim(mark) = ','
            and regexp_matches(segment_behind, '^(?:and|&)\s')
            and not is_place_behind
            then 'field'
        when key = 'based' and is_place_before then 'place'
        -- Mathematics Specialist (Fluent in Hindi) - AI Trainer: the work is done in the language.
        when pattern_kind = 'language' and is_work_in_language then 'field'
        -- Japanese/ English Speaker; Bilingual - English/German
        when
            position > 1 and is_language
            and (
                (pattern_kind_behind = 'language' and regexp_full_match(mark_behind, '\s*[,/&]\s*'))
                or pattern_kind_before = 'language'
            )
            then 'language'
        when pattern_kind is not null then pattern_kind
        -- Paid Media Manager - CO, in Bogotá, Colombia
        when
            position > 1
            and regexp_full_match(segment || ' ' || location, {{ phrase_pattern('code_of_country') }})
            then 'place'
        when {{ function('is_employer') }}(segment, company, coalesce(ends_known, true))
            then 'employer'
        -- DCYF, at the Washington State DCYF
        when
            position > 1 and known = 0 and regexp_full_match(segment, '[A-Z]{4,6}')
            and list_contains(regexp_extract_all(company, '[\pL\d]+'), segment)
            then 'employer'
        when position > 1 and {{ function('is_initials_of') }}(segment, location)
            then 'site'
        when position > 1 and is_known_employer and not ends_in_work then 'employer'
        when is_place or (
            {{ function('is_in_location') }}(
                regexp_replace(segment, '\s[A-Z]{2}$', ''),
                -- Dandenong South, in Dandenong VIC
                regexp_replace(location, '(\p{Ll}) [A-Z]{2,3}$', '\1')
            )
            and (
                (
                    known < words
                    -- Director, Japan Legal; but Veterinarian - Arnold Pet Station
                    and (
                        trim(mark) <> ',' or not has_other_word
                        or {{ function('is_part_of') }}(segment, location)
                    )
                )
                or list_contains(string_split_regex(lower(location), '[^\pL]+'), lower(segment))
            )
            and not regexp_full_match(segment, {{ phrase_pattern('specialty') }}, 'i')
        ) then 'place'
        -- San Diego, CA (Midtown)
        when
            (
                regexp_full_match(segment, '[A-Z]{2}')
                or not (has_other_word or has_unknown_word)
            )
            and is_behind_place
            then 'place'
        when key = 'spring' and pattern_kind_behind = 'date' then 'date'
        -- Paris/ Lutetia
        when
            starts_with(trim(mark), '/') and not has_other_word and is_place_before
            then 'place'
        -- A word with its other gendered form names the person who does the work: Consultor(a)
        when ends_in_work or regexp_matches(segment, '^\pL+\(\pL{1,4}\)') then 'work'
        -- goop Newport
        when
            case
                when starts_with(lower(segment), lower(left(company, 3)))
                    then
                        {{ function('is_name_of') }}(regexp_extract(segment, '^\S+'), company)
                        and (
                            {{ function('is_in_location') }}(regexp_replace(segment, '^\S+\s+', ''), location)
                            -- Centra Rathmines, Tesco Extra
                            or (words <= 3 and ends_in_place)
                            or regexp_full_match(segment, {{ phrase_pattern('kind_of_shop') }}, 'i')
                        )
            end
            then 'site'
        when
            -- A clinic that is named after a specialty says what the work is.
            not regexp_matches(segment, '\pL(?:olog|iatr|opath)')
            -- A second job, or the first one in its other gendered form: Serveur / Serveuse de restaurant
            and not (
                position = 2
                and (
                    starts_with(trim(mark), '/')
                    or (names_work and regexp_matches(segment, '^\pL+ (?:d[eu]s?|del|di|do|da) |^\pL+ d[’'']'))
                )
            )
            -- Manager, Honduran Market
            and not (
                position = 2 and regexp_matches(segment, '(?i)\smarkets?$')
                and regexp_full_match(first_segment, {{ phrase_pattern('bare_head') }}, 'i')
            )
            and (
                (has_site_word and not has_other_word and words > 1)
                or (
                    has_site_word and {{ function('town_of') }}(location) <> ''
                    and ends_with(lower(segment), ' ' || lower({{ function('town_of') }}(location)))
                )
                or (has_unknown_word and contains(key, ' at '))
                or (position > 1 and is_called_as_team)
                or case
                    when position = 2 and is_called_as_site
                        then not regexp_full_match(first_segment, {{ phrase_pattern('bare_head') }}, 'i')
                    else position > 2 and is_called_as_site
                end
            )
            then 'site'
        -- Storekeeper [Tuas / Transport provided]
        when
            regexp_matches(mark, '[(\[]') and trim(mark_behind) in ('/', '|')
            and pattern_kind_behind in ('pay', 'shift', 'terms', 'contract', 'hiring')
            and known = 0 and regexp_full_match(segment, '\p{Lu}\p{Ll}+(?: \p{Lu}\p{Ll}+)*')
            then 'site'
        -- Orbit Program, after an employer's engineers, consultants and managers
        when
            companies = 1 and heads >= 3 and titles >= 10 and company <> ''
            and regexp_matches(segment, '(?i)\sprogram(?:me)?$')
            then 'employer'
        -- A repetition of the first part is only the end of the title: Early Intervention Official Designee, Early
        -- Intervention
        when
            position > 1 and words > 1 and trim(mark) in (',', '-', '–')
            and segment_behind is null
            and contains(' ' || first_key || ' ', ' ' || key || ' ')
            then 'doubled'
        when 2 * known >= words and ends_known then 'field'
        when
            companies = 1 and heads >= 5 and titles >= 10 and company <> ''
            and 2 * known < words and regexp_matches(segment, '^\p{Lu}')
            and not regexp_matches(segment, '(?i)\b(?:practice|industry|sector|markets?)$')
            then 'employer'
        when companies >= 3 then 'field'
        else 'unknown'
    end as kind,
    {{ function('names_employer_or_site') }}(segment, company, words, has_work_word) as may_be_context_before_work,
    has_site_word and has_unknown_word as has_name_of_site,
    lower(first_segment) as head,
    company,
    contains(mark_behind, '(') as opens_bracket,
    is_place_before and position > 2 as lag_is_place,
    is_place_behind as lead_is_place,
    trim(mark_behind) as lead_mark,
    known = 0 and regexp_full_match(segment, '(?:\p{Lu}[\p{Ll}''’-]+ ?){1,3}')
        as has_only_unknown_words,
    position > 1 and coalesce(segment_behind, '') = '' as ends_title,
    ends_title and regexp_matches(mark, '[-–—|]') as closes_title,
    key,
    location
from neighbored
