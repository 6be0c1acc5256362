-- depends_on: {{ ref('replayed_titles') }}, {{ ref('published_titles') }}
-- depends_on: {{ ref('title_rule_steps') }}, {{ ref('pattern_phrases') }}
with
titles as (
    select
        title_id as id,
        learner_title as title,
        attributes ->> {{ member_pointer(var('company_field')) }} as company,
        attributes ->> {{ member_pointer(var('location_field')) }} as location
    -- The stage looks at its lane alone, as it was published.
    from {{ ref('published_titles' if current_job() == 'mine-holds' else 'replayed_titles') }}
    where learner_title is not null
),

{{ titles_cleaned_by_rules('titles') }}

select
    id as title_id,
    clean_title,
    rule_steps
from cleaned_by_rules
