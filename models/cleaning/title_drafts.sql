-- depends_on: {{ ref('title_rule_steps') }}, {{ ref('pattern_phrases') }}
-- depends_on: {{ ref('title_words') }}, {{ ref('html_entities') }}, {{ ref('word_meanings') }}
with recursive
titles as (
    select
        title_id as id,
        title,
        company,
        location
    from {{ ref('titles_to_clean') }}
),

{{ titles_cleaned_by_rules('titles', 'whole') }}

select
    id as title_id,
    title,
    company,
    location,
    rule_steps
from cleaned_by_rules
