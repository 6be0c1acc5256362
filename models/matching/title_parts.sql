-- Titles with the same key are looked up once.
with
forms as (
    select
        match_key,
        case
            when regexp_matches(clean_title, '[\x{FF01}-\x{FF5E}]') then {{ function('ordinary_width') }}(clean_title)
            else clean_title
        end as narrow_title,
        {{ function('single_form') }}(narrow_title) as single_form
    from {{ ref('title_keys') }}
    where match_key <> ''
),

titles as (
    select
        match_key,
        string_split_regex(single_form, '\s*[/|]\s*|\s+&\s+|(?i)\s+(?:and|or)\s+')[1] as first_part,
        regexp_extract(
            single_form,
            '^(.+?)(?:\s*[-–—:|]\s+|,\s+|\s*\(|\s+(?i:in|for|with|at|within)\s+)'
            || '(.+?)(?:\s*[-–—:|]\s.*|,\s.*|\s*[()].*|\s+(?i:in|for|with|at|within)\s.*)?$',
            ['head', 'field']
        ) as parts
    from forms
),

-- Of titles with the same key, the one with the shortest head.
keys as (
    select
        match_key,
        min(first_part) as first_part,
        bool_or(parts.head = '') as is_one_part,
        coalesce(
            min(struct_pack(length := length(parts.head), said := parts)) filter (parts.head <> ''),
            struct_pack(length := 0, said := struct_pack(head := '', field := ''))
        ).said as parts
    from titles
    group by match_key
),

keyed as (
    select
        keys.match_key,
        keys.is_one_part,
        {{ function('ungraded_key') }}(keys.match_key) as ungraded_key,
        -- Mostly the first part is a whole title.
        coalesce(whole.match_key, {{ function('match_key') }}(keys.first_part)) as first_part_key,
        {{ function('match_key') }}(keys.parts.head) as head_key,
        {{ function('match_key') }}(keys.parts.field) as field_key,
        coalesce(nullif(head_key, ''), keys.match_key) as whole_key,
        regexp_extract(whole_key, '^.* (?:manager|director|supervisor)$') as of_rank,
        coalesce(words.as_work / words.titles < 0.35, false) as is_first_a_field,
        field_key <> '' and {{ function('is_rank') }}(first_part_key) as is_first_a_rank
    from keys
    left join {{ ref('title_keys') }} as whole on keys.first_part = whole.clean_title
    left join {{ ref('title_words') }} as words on lower(regexp_extract(keys.first_part, '\pL+$')) = words.word
)

select
    * exclude (whole_key, of_rank, is_first_a_field, is_first_a_rank) replace (
        -- A deputy manager or manager of sales is one title in sales, of either rank.
        case
            when is_first_a_rank and {{ function('is_rank') }}(head_key[length(first_part_key) + 2:])
                then first_part_key
            else head_key
        end as head_key,
        case
            when is_first_a_rank then ''
            when of_rank = '' or not is_first_a_field then first_part_key
            -- A sales enablement and training manager manages both.
            when
                regexp_full_match(of_rank[length(first_part_key) + 1:], ' (?:(?:and|or) )?[^ ]+ [^ ]+')
                then first_part_key || regexp_extract(of_rank, ' [^ ]+$')
            -- A first part that is only a field is not a title.
            else ''
        end as first_part_key
    )
from keyed
