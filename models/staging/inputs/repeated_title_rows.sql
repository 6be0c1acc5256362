with
accepted as (
    select
        file,
        line_number,
        title_id,
        source_row_sha256
    from {{ ref('base_title_rows') }}
    where quarantine_reason is null
),

repeated_ids as (
    select title_id
    from accepted
    group by title_id
    having count(*) > 1
),

contents as (
    select
        accepted.*,
        {{ content_beside(row_column('title_id'), 'coalesce(lines.record, lines.text)') }} as content
    from accepted
    inner join repeated_ids on accepted.title_id = repeated_ids.title_id
    inner join {{ source('inputs', 'lines') }} as lines
        on
            lines.input = 'title_rows'
            and accepted.file = lines.file
            and accepted.line_number = lines.line_number
),

judged as (
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
    from contents
)

select * from judged
where reason is not null
