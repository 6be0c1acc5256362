-- What is looked up. Titles with the same key are looked up once.
with
titles as (
    select
        clean_title,
        {{ function('match_key') }}(clean_title) as match_key,
        string_split_regex(clean_title, '\s*[/|]\s*|\s+&\s+|(?i)\s+(?:and|or)\s+')[1] as first_part,
        regexp_extract(clean_title, '^(.+?)(?:\s*[-–—:|]\s+|,\s+|\s*\()', 1) as head
    from {{ ref('cleaned_titles') }}
),

keys as (
    select
        match_key,
        {{ function('ungraded_key') }}(match_key) as ungraded_key,
        {{ function('match_key') }}(min(first_part)) as first_part_key,
        {{ function('ungraded_key') }}({{ function('match_key') }}(max(head))) as head_key,
        bool_or(head = '') as is_one_part
    from titles
    where match_key <> ''
    group by match_key
)

select
    match_key,
    ungraded_key,
    first_part_key,
    head_key,
    case
        when contains(head_key, ' ') then head_key
        when is_one_part then ungraded_key
        else ''
    end as work_key
from keys
