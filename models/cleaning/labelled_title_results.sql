-- depends_on: {{ ref('title_rule_steps') }}, {{ ref('pattern_phrases') }}
with
titles as (
    select
        label_id as id,
        raw_title as title,
        company,
        location
    from {{ ref('labelled_titles') }}
),

{{ titles_cleaned_by_rules('titles') }}

select
    labels.label_id,
    labels.rule_id,
    labels.raw_title,
    labels.clean_title as wanted_title,
    cleaned.clean_title,
    cleaned.clean_title = labels.clean_title as is_exact
from {{ ref('labelled_titles') }} as labels
inner join cleaned_by_rules as cleaned on labels.label_id = cleaned.id
