select
    label_id::varchar as title_id,
    raw_title as title,
    coalesce(company, '') as company,
    coalesce(location, '') as location
from {{ ref('labelled_titles') }}
