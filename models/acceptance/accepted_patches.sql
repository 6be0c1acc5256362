select
    lines.file,
    lines.line_number,
    lines.title_id,
    lines.patch_id,
    outcomes.outcome,
    case
        when lines.quarantine_reason is not null then lines.quarantine_reason
        when outcomes.outcome = 'orphaned' then 'there is no such title'
        when outcomes.outcome = 'rejected'
            then outcomes.code || coalesce(' at operation ' || outcomes.op_index, '')
    end as problem
from {{ ref('base_semantic_patches') }} as lines
left join {{ ref('patch_outcomes') }} as outcomes
    on lines.file = outcomes.file and lines.line_number = outcomes.line_number
where lines.file in (select offered.file from {{ source('engine', 'offered') }} as offered)
