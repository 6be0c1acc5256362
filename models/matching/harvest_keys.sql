-- What is looked up. Titles with the same key are looked up once.
with
clean_titles as (
    select distinct clean_title from {{ ref('cleaned_titles') }}
),

titles as (
    select
        {{ function('match_key') }}(clean_title) as match_key,
        string_split_regex(clean_title, '\s*[/|]\s*|\s+&\s+|(?i)\s+(?:and|or)\s+')[1] as first_part,
        regexp_extract(
            clean_title,
            '^(.+?)(?:\s*[-–—:|]\s+|,\s+|\s*\(|\s+(?:in|for|with|at|within)\s+)'
            || '(.+?)(?:\s*[-–—:|]\s.*|,\s.*|\s*[()].*|\s+(?:in|for|with|at|within)\s.*)?$',
            ['head', 'field']
        ) as parts
    from clean_titles
),

keys as (
    select
        match_key,
        {{ function('ungraded_key') }}(match_key) as ungraded_key,
        {{ function('match_key') }}(min(first_part)) as first_part_key,
        {{ function('match_key') }}(max(parts).head) as graded_head_key,
        {{ function('ungraded_key') }}(graded_head_key) as head_key,
        {{ function('match_key') }}(max(parts).field) as field_key,
        bool_or(parts.head = '') as is_one_part
    from titles
    where match_key <> ''
    group by match_key
),

-- A director or an engineer is of what follows.
turned as (
    select
        *,
        not is_one_part and (not contains(head_key, ' ') or {{ is_rank('head_key') }}) as is_turned
    from keys
)

select
    match_key,
    ungraded_key,
    first_part_key,
    graded_head_key,
    head_key,
    is_turned,
    case
        when is_turned then trim(field_key || ' ' || head_key)
        when is_one_part then ungraded_key
        else head_key
    end as work_key
from turned
