-- A view: of a million rows few are repeated, and a table would store all of them again.
{{ config(materialized='view') }}

select
    title_rows.* replace (
        coalesce(title_rows.quarantine_reason, repeated.reason) as quarantine_reason
    )
from {{ ref('base_title_rows') }} as title_rows
left join {{ ref('repeated_title_rows') }} as repeated
    on title_rows.file = repeated.file and title_rows.line_number = repeated.line_number
