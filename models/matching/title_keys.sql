-- Titles that are called the same are looked up once.
with
titles as (
    select distinct clean_title from {{ ref('cleaned_titles') }}
)

select
    clean_title,
    -- Nothing is called by that many letters, and what is looked up of a title grows with the square of its words.
    case when length(clean_title) <= 1000 then {{ function('match_key') }}(clean_title) else '' end as match_key
from titles
