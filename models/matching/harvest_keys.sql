-- What is looked up. Titles with the same key are looked up once.
with
titles as (
    select
        clean_title,
        {{ function('match_key') }}(clean_title) as match_key,
        string_split_regex(clean_title, '\s*[/|]\s*|\s+&\s+|(?i)\s+(?:and|or)\s+')[1] as first_part,
        regexp_extract(
            clean_title,
            '^(.+?)(?:\s*[-–—:|]\s+|,\s+|\s*\(|\s+(?:in|for|with|at|within)\s+)'
            || '(.+?)(?:\s*[-–—:|]\s.*|,\s.*|\s*[()].*|\s+(?:in|for|with|at|within)\s.*)?$',
            ['head', 'field']
        ) as parts
    from {{ ref('cleaned_titles') }}
),

-- Of titles with one key the shortest head.
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
    where match_key <> ''
    group by match_key
),

parted as (
    select
        match_key,
        is_one_part,
        {{ function('ungraded_key') }}(match_key) as ungraded_key,
        {{ function('match_key') }}(first_part) as first_part_key,
        {{ function('match_key') }}(parts.head) as graded_head_key,
        {{ function('ungraded_key') }}(graded_head_key) as head_key,
        {{ function('match_key') }}(parts.field) as field_key
    from keys
),

-- A director or an engineer is of what follows.
turned as (
    select
        *,
        not is_one_part and (not contains(head_key, ' ') or {{ is_rank('head_key') }}) as is_turned
    from parted
)

select
    match_key,
    ungraded_key,
    first_part_key,
    graded_head_key,
    head_key,
    field_key,
    is_turned,
    case
        -- Student Trainee (Botanist)
        when
            is_turned
            and regexp_full_match(
                graded_head_key, '(?:student )?trainee|intern|internship|apprentice|(?:recent )?graduate'
            )
            then field_key
        when is_turned then trim(field_key || ' ' || head_key)
        when is_one_part then ungraded_key
        else head_key
    end as work_key
from turned
