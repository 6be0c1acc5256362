{{ config(post_hook=stage_as_jsonl(['input', 'file', 'line_number'])) }}

with
quarantined as (
    select
        'title_rows' as input,
        file,
        line_number,
        quarantine_reason
    from {{ ref('stg_title_rows') }}
    where quarantine_reason is not null

    union all

    select
        'semantic_patches' as input,
        file,
        line_number,
        quarantine_reason
    from {{ ref('base_semantic_patches') }}
    where quarantine_reason is not null
)

select
    quarantined.input,
    quarantined.file,
    quarantined.line_number,
    quarantined.quarantine_reason as reason,
    lines.text
from quarantined
inner join {{ source('inputs', 'lines') }} as lines
    on
        quarantined.input = lines.input
        and quarantined.file = lines.file
        and quarantined.line_number = lines.line_number
