-- depends_on: {{ ref('segment_kinds') }}, {{ ref('pattern_phrases') }}
with
-- Where an employer has one title at many sites, an unknown text at the end of that title is one more site.
titles_at_sites as (
    select
        company,
        head
    from {{ ref('judged_segments') }}
    where company <> '' and head <> '' and closes_title
    group by company, head
    having
        count(distinct segment) filter (where kind in ('place', 'site'))
        >= greatest(3, 3 * count(distinct segment) filter (where kind in ('work', 'field')))
),

sited as (
    select
        judged.*,
        titles_at_sites.head is not null as is_at_sites,
        sites.key is not null as is_listed_site
    from {{ ref('judged_segments') }} as judged
    left join titles_at_sites on judged.company = titles_at_sites.company and judged.head = titles_at_sites.head
    left join {{ ref('employer_sites') }} as sites
        on judged.company = sites.company and judged.key = sites.key and judged.ends_title
),

-- The first segment is the work, unless it is something else and the work comes later. Where neither is so, other
-- segments that may be the work are kept: Omaha - Oral Surgeon needed. After a title that says only the rank, a unit
-- says what the work is.
placed_kinds as (
    select
        * replace (
            case
                when
                    (is_listed_site and kind in ('field', 'unknown'))
                    or (closes_title and is_at_sites and (kind = 'unknown' or (kind = 'field' and has_name_of_site)))
                    then 'site'
                -- Operator | Manpower | Quilicura; Coordinator - Voi, Kenya; Coordinator - Marietta, Terrell Mill
                when
                    position > 1 and kind = 'unknown' and has_only_unknown_words
                    and (
                        (lag(kind) over in_title = 'employer' and regexp_matches(mark, '[-–—|]'))
                        or (lag_is_place and trim(mark) = ',')
                        or (lead_is_place and lead_mark = ',' and trim(mark) <> ',')
                    )
                    then 'site'
                -- Far Rockaway / Long Beach, NY
                when
                    kind in ('field', 'unknown')
                    and lag(kind) over in_title = 'place' and lead(kind) over in_title = 'place'
                    and regexp_full_match(mark, '\s*[,/&]\s*') and lead_mark = ','
                    and regexp_full_match(lead(segment) over in_title, '[A-Z]{2}')
                    then 'place'
                -- Data Engineer (World of Tanks: HEAT), (World of Tanks, PC)
                when
                    kind in ('field', 'unknown') and regexp_matches(mark || segment, '^\s*:|, (?:PC|VR|Mobile)$')
                    and lag(kind) over in_title = 'employer' and contains(lag(mark) over in_title, '(')
                    then 'employer'
                {%- for kind in rules_of('segment_kinds', 'position') if kind.unless_behind %}
                when
                    position > 1 and kind = '{{ kind.kind }}'
                    and regexp_full_match(head, {{ text_literal(kind.unless_behind) }}, 'i')
                    -- Executive Director, Health Policy, Bureau of ... has a field already.
                    and (
                        regexp_matches(segment, '^(?:and|&)\s')
                        or not coalesce(
                            bool_or(position > 1 and kind = 'field')
                            over (in_title rows between unbounded preceding and 1 preceding),
                            false
                        )
                    )
                    then 'field'
                {%- endfor %}
                when
                    position > 1
                    and first_value(kind) over in_title in (
                        'place', 'site', 'employer',
                        case when kind not in ('requirement', 'language') then 'contract' end
                    )
                    and kind in ('requirement', 'language', 'site', 'unit')
                    and not bool_or(position > 1 and kind = 'work') over (partition by title_id)
                    then 'field'
                when kind in ('field', 'unknown') and names_work and first_value(kind) over in_title = 'pool'
                    then 'work'
                -- A segment that collects applications without naming any work is itself what the title says.
                when
                    kind = 'pool'
                    and not bool_or(kind in ('work', 'field', 'unknown') and names_work) over (partition by title_id)
                    then 'work'
                when position > 1 or kind = 'pool' then kind
                when not bool_or(position > 1 and kind = 'work') over (partition by title_id) then 'work'
                when kind in ('field', 'unknown', 'unit') and opens_bracket then 'field'
                when kind in ('work', 'field', 'unknown') and may_be_context_before_work and not ends_in_work
                    then 'employer'
                when kind = 'unknown' then 'field'
                else kind
            end as kind
        )
    from sited
    window in_title as (partition by title_id order by position)
),

-- An acronym shares the fate of what it abbreviates.
followed as (
    select * replace (case when kind = 'acronym' then lag(kind) over in_title else kind end as kind)
    from placed_kinds
    window in_title as (partition by title_id order by position)
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
