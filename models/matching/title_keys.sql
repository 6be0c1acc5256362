-- Titles that are called the same are looked up once.
with
titles as (
    select distinct clean_title from {{ ref('cleaned_titles') }}
)

select
    clean_title,
    {{ function('match_key') }}(clean_title) as match_key
from titles
