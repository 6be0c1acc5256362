with
statuses (position, name) as (
    values (1, 'ready'), (2, 'blocked')
)

select
    'intake_status_counts' as section,
    statuses.position,
    statuses.name,
    count(packets.packet_id) as row_count
from statuses
left join {{ ref('packet_hardening_intake_v1') }} as packets on statuses.name = packets.intake_status
group by statuses.position, statuses.name
union all
select
    'failed_check_counts' as section,
    position,
    name,
    count_if(not passed) as row_count
from {{ ref('intake_checks') }}
group by position, name
