-- What is looked up. Titles with the same key are looked up once.
with
titles as (
    select
        clean_title,
        {{ match_key('clean_title') }} as match_key,
        string_split_regex(clean_title, '\s*[/|]\s*|\s+&\s+|(?i)\s+(?:and|or)\s+')[1] as first_part,
        regexp_extract(clean_title, '^(.+?)(?:\s+[-–—:|]\s+|,\s+|\s*\()', 1) as head
    from {{ ref('cleaned_titles') }}
)

select
    match_key,
    {{ ungraded_key('match_key') }} as ungraded_key,
    {{ match_key('min(first_part)') }} as first_part_key,
    {{ ungraded_key(match_key('max(head)')) }} as head_key
from titles
where match_key <> ''
group by match_key
