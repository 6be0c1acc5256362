-- Titles with the same text are looked up once.
with
titles as (
    select distinct clean_title from {{ ref('cleaned_titles') }}
)

select
    clean_title,
    case
        when length(clean_title) <= {{ longest_title() }} then {{ function('match_key') }}(clean_title)
        else ''
    end as match_key
from titles
