select match_key
from {{ ref('title_parts') }}
where
    match_key in (select itself.match_key from {{ ref('harvest_evidence') }} as itself)
    or ungraded_key in (select ungraded.match_key from {{ ref('harvest_evidence') }} as ungraded)
