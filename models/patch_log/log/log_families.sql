select
    first_id,
    max(number) as last_number,
    bool_or(not is_undone) as is_in_force
from {{ ref('log_patches') }}
group by first_id
