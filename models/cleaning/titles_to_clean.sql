-- What learners can read: the titles that this run replays or, in a stage, those of its lane as published. One of the
-- two is always empty.
with
reviewed as (
    select unnest([title_id, other_title_id]) as title_id from {{ source('engine', 'review_sheet') }}
),

titles as (
    select
        title_id,
        learner_title,
        occupation_code,
        attributes,
        null as runtime_lane
    from {{ ref('replayed_titles') }}
    -- For a review sheet, only the titles that it decides about are needed.
    where
        not exists (select 1 from reviewed)
        or title_id in (select reviewed.title_id from reviewed)
    union all
    select
        title_id,
        learner_title,
        occupation_code,
        attributes,
        runtime_lane
    from {{ ref('published_titles') }}
)

select
    title_id,
    learner_title as title,
    occupation_code,
    coalesce(attributes ->> {{ member_pointer(var('company_field')) }}, '') as company,
    coalesce(attributes ->> {{ member_pointer(var('location_field')) }}, '') as location,
    runtime_lane
from titles
where learner_title is not null
