-- depends_on: {{ ref('replayed_titles') }}, {{ ref('published_titles') }}, {{ ref('labelled_titles') }}
{% if current_job() == 'rule-accuracy' -%}
select
    label_id::varchar as title_id,
    raw_title as title,
    coalesce(company, '') as company,
    coalesce(location, '') as location
from {{ ref('labelled_titles') }}
{%- else -%}
select
    title_id,
    learner_title as title,
    coalesce(attributes ->> {{ member_pointer(var('company_field')) }}, '') as company,
    coalesce(attributes ->> {{ member_pointer(var('location_field')) }}, '') as location
-- A stage looks at its lane alone, as it was published.
from {{ ref('published_titles' if current_job() in ['mine-holds', 'source-ref-rerun'] else 'replayed_titles') }}
where learner_title is not null
{%- if current_job() == 'import-review' %}
    and title_id in (select sheet.title_id from {{ source('engine', 'review_sheet') }} as sheet)
{%- endif %}
{%- endif %}
