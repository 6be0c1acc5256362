-- What a text says by itself is computed once, however many titles have it.
select distinct
    segment,
    lower(strip_accents(segment)) as key
from {{ ref('segment_cuts') }}
where segment <> ''
