-- Titles with the same text are looked up once.
with
titles as (
    select distinct clean_title from {{ ref('cleaned_titles') }}
)

select
    clean_title,
    -- No title is that long, and the work to look one up grows with the square of its words.
    case when length(clean_title) <= 1000 then {{ function('match_key') }}(clean_title) else '' end as match_key
from titles
