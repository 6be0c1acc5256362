select
    source_ref,
    any_value(source_id) as source_id,
    any_value(trust_rank) as trust_rank,
    any_value(occupation_code) as occupation_code,
    case when any_value(source_id) = {{ taxonomy() }} then any_value(occupation_code) end as taxonomy_code,
    any_value(occupation_title) as occupation_title
from {{ ref('harvest_evidence') }}
group by source_ref
