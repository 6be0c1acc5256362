with
identified as (
    select
        *,
        {{ function('proposal_id') }}(rule_id, title_id, ops) as first_id
    from {{ ref('proposed_operations') }}
)

select
    identified.*,
    {{ function('again_id') }}(identified.first_id, log.last_number) as patch_id,
    coalesce(log.is_in_force, false) or {{ is_declined('identified.first_id') }} as is_refused
from identified
left join {{ ref('log_families') }} as log on identified.first_id = log.first_id
