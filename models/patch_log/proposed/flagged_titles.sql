-- depends_on: {{ ref('flag_rules') }}, {{ ref('pattern_phrases') }}
with
titles as (
    select
        title_id as id,
        clean_title as title,
        coalesce(rule_id = 'exact_evidence', false) as has_exact_evidence
    from {{ ref('title_matches') }}
),

flags as (
    {{ titles_flagged_by_rules('titles') }}
)

select
    id as title_id,
    * exclude (id)
from flags
