-- depends_on: {{ ref('segment_kinds') }}, {{ ref('pattern_phrases') }}
with
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
                    lag(by_text.initials) over in_title,
                    rtrim(segments.segment, 's')
                )
                then 'acronym'
            when
                segments.position > 1
                and by_text.key = lag(by_text.key) over in_title
                then 'doubled'
            -- Among states these are states, which mean something else too: (TN, PA, OH)
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
            -- Of what a list ends with, its other parts are: Latin American, Caribbean, and European Division.
            when
                by_text.is_place and trim(segments.mark) = ','
                and regexp_matches(lead(segments.segment) over in_title, '^(?:and|&)\s')
                and not lead(by_text.is_place) over in_title
                then 'field'
            when by_text.key = 'based' and lag(by_text.is_place) over in_title then 'place'
            when by_text.pattern_kind is not null then by_text.pattern_kind
            when {{ function('is_employer') }}(segments.segment, segments.company, coalesce(by_text.ends_known, true))
                then 'employer'
            when segments.position > 1 and {{ function('is_initials_of') }}(segments.segment, segments.location)
                then 'site'
            when segments.position > 1 and by_text.is_known_employer and not by_text.ends_in_work then 'employer'
            when by_text.is_place or (
                {{ function('is_in_location') }}(segments.segment, segments.location)
                and (
                    by_text.known < by_text.words
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
            -- A word with its other form names who does the work: Consultor(a)
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
                -- A clinic that is called by a specialty says what the work is.
                not regexp_matches(segments.segment, '\pL(?:olog|iatr|opath)')
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
            -- Orbit Program, behind its engineers, consultants and managers
            when
                universe.companies = 1 and universe.heads >= 3 and universe.titles >= 10 and segments.company <> ''
                and regexp_matches(segments.segment, '(?i)\sprogram(?:me)?$')
                then 'employer'
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
),

-- Where an employer has one title at many sites, what stands behind it and nothing is known of is one more.
titles_at_sites as (
    select
        company,
        head
    from judged
    where company <> '' and head <> '' and closes_title
    group by company, head
    having
        count(distinct segment) filter (where kind in ('place', 'site')) >= greatest(
            3, 3 * count(distinct segment) filter (where kind in ('work', 'field'))
        )
),

-- Where its sites are many, each in a town of its own, whatever else stands behind such a title is a site of it too,
-- behind any title, unless it is in several towns or said of work: Keyholder - One Loudoun, but Nurse - Telemetry.
ends as (
    select
        company,
        head,
        key,
        kind,
        coalesce(nullif({{ function('town_of') }}(location), ''), location) as town
    from judged
    where company <> '' and key is not null and ends_title
),

lists_of_sites as (
    select
        company,
        head
    from ends
    where head <> ''
    group by company, head
    having
        count(distinct key) filter (where kind in ('place', 'site'))
        >= greatest(8, 2 * count(distinct key) filter (where kind in ('work', 'field')))
        and count(distinct town) >= 0.75 * count(distinct key)
        and count(distinct key || ' in ' || town) <= 1.2 * count(distinct key)
),

listed_ends as (
    select
        ends.company,
        ends.key
    from ends
    left join lists_of_sites as lists on ends.company = lists.company and ends.head = lists.head
    group by ends.company, ends.key
    having
        count(lists.head) > 0 and count(distinct ends.town) <= 2
        and bool_or(ends.kind in ('field', 'unknown')) and not bool_or(ends.kind = 'work')
),

listed_sites as (
    select listed_ends.*
    from listed_ends
    anti join {{ ref('common_titles') }} as common
        on contains(' ' || common.title || ' ', ' ' || listed_ends.key || ' ')
),

sited as (
    select
        judged.*,
        titles_at_sites.head is not null as is_at_sites,
        listed_sites.key is not null as is_listed_site
    from judged
    left join titles_at_sites on judged.company = titles_at_sites.company and judged.head = titles_at_sites.head
    left join listed_sites
        on judged.company = listed_sites.company and judged.key = listed_sites.key and judged.ends_title
),

-- What comes first is the work, unless it is something else and the work comes later. Where it is neither, what
-- else may hold the work stays: Omaha - Oral Surgeon needed. Behind a title that says the rank alone, a unit says
-- what the work is.
placed_kinds as (
    select
        * replace (
            case
                when
                    (is_listed_site and kind in ('field', 'unknown'))
                    or (
                        closes_title and is_at_sites
                        and (kind = 'unknown' or (kind = 'field' and has_name_of_site))
                    )
                    then 'site'
                -- Operator | Manpower | Quilicura; Coordinator - Voi, Kenya; Coordinator - Marietta, Terrell Mill
                when
                    position > 1 and kind = 'unknown' and has_only_unknown_words
                    and (
                        (
                            lag(kind) over (partition by title_id order by position) = 'employer'
                            and regexp_matches(mark, '[-–—|]')
                        )
                        or (lag_is_place and trim(mark) = ',')
                        or (lead_is_place and lead_mark = ',' and trim(mark) <> ',')
                    )
                    then 'site'
                {%- for kind in rules_of('segment_kinds', 'position') if kind.unless_behind %}
                when
                    position > 1 and kind = '{{ kind.kind }}'
                    and regexp_full_match(head, {{ sql_text(kind.unless_behind) }}, 'i')
                    -- Executive Director, Health Policy, Bureau of ... has its field.
                    and (
                        regexp_matches(segment, '^(?:and|&)\s')
                        or not coalesce(
                            bool_or(position > 1 and kind = 'field') over (
                                partition by title_id order by position
                                rows between unbounded preceding and 1 preceding
                            ),
                            false
                        )
                    )
                    then 'field'
                {%- endfor %}
                when
                    position > 1
                    and first_value(kind) over (partition by title_id order by position) in (
                        'place', 'site', 'employer',
                        case when kind <> 'requirement' then 'contract' end
                    )
                    and kind in ('requirement', 'site', 'unit')
                    and not bool_or(position > 1 and kind = 'work') over (partition by title_id)
                    then 'field'
                -- What collects applications for no work that it names is what the title says.
                when kind = 'pool' and not bool_or(ends_in_work and kind = 'work') over (partition by title_id)
                    then 'work'
                when position > 1 then kind
                when not bool_or(position > 1 and kind = 'work') over (partition by title_id) then 'work'
                when kind in ('field', 'unknown', 'unit') and opens_bracket then 'field'
                when kind in ('work', 'field', 'unknown') and may_be_context_before_work and not ends_in_work
                    then 'employer'
                when kind = 'unknown' then 'field'
                else kind
            end as kind
        )
    from sited
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
