with
cut as (
    select
        title_id,
        company,
        location,
        string_split_regex(title, {{ segment_mark() }}) as texts,
        [''] || regexp_extract_all(title, {{ segment_mark() }}) as marks
    from {{ ref('title_drafts') }}
    where regexp_matches(title, {{ segment_mark() }})
)

select
    title_id,
    company,
    location,
    generate_subscripts(texts, 1) as position,
    unnest(marks) as mark,
    unnest(texts) as segment
from cut
