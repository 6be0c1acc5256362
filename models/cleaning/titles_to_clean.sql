-- What learners can read: of the titles that this run replays, or, in a stage, of its lane as it was published.
-- Where there are the ones, the others are none.
with
reviewed as (
    select unnest([title_id, other_title_id]) as title_id from {{ source('engine', 'review_sheet') }}
),

titles as (
    select
        title_id,
        learner_title,
        attributes,
        null as runtime_lane
    from {{ ref('replayed_titles') }}
    -- Of a sheet's decisions only what they are about is looked at.
    where
        not exists (select 1 from reviewed)
        or title_id in (select reviewed.title_id from reviewed)
    union all
    select
        title_id,
        learner_title,
        attributes,
        runtime_lane
    from {{ ref('published_titles') }}
)

select
    title_id,
    learner_title as title,
    coalesce(attributes ->> {{ member_pointer(var('company_field')) }}, '') as company,
    coalesce(attributes ->> {{ member_pointer(var('location_field')) }}, '') as location,
    runtime_lane
from titles
where learner_title is not null
