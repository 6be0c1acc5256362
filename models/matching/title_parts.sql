-- Titles with the same key are looked up once.
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
)

select
    match_key,
    is_one_part,
    {{ function('ungraded_key') }}(match_key) as ungraded_key,
    {{ function('match_key') }}(first_part) as first_part_key,
    {{ function('match_key') }}(parts.head) as head_key,
    {{ function('match_key') }}(parts.field) as field_key
from keys
