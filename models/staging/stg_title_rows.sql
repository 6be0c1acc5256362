with
rows_by_line as (
    select * from {{ ref('base_title_rows') }}
),

repeated_ids as (
    select title_id
    from rows_by_line
    where quarantine_reason is null
    group by title_id
    having count(*) > 1
),

copies as (
    select
        rows_by_line.file,
        rows_by_line.line_number,
        rows_by_line.title_id,
        rows_by_line.source_row_sha256,
        {{ json_content('coalesce(rows_by_line.record, rows_by_line.text)') }} as content
    from rows_by_line
    inner join repeated_ids on rows_by_line.title_id = repeated_ids.title_id
    where rows_by_line.quarantine_reason is null
),

judged_copies as (
    select
        file,
        line_number,
        case
            when
                min(content) over (partition by title_id)
                <> max(content) over (partition by title_id)
                then 'title_id stands on another row that differs'
            when
                row_number() over (
                    partition by title_id order by source_row_sha256, file, line_number
                ) > 1
                then 'title_id stands on another row that is identical'
        end as reason
    from copies
)

select
    rows_by_line.* replace (
        coalesce(rows_by_line.quarantine_reason, judged_copies.reason) as quarantine_reason
    )
from rows_by_line
left join judged_copies
    on rows_by_line.file = judged_copies.file and rows_by_line.line_number = judged_copies.line_number
