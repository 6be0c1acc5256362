-- What a person has written in the sheet. A row without a decision is one that nobody has judged yet.
with
sheet as (
    select
        line_number,
        trim(title_id) as title_id,
        -- A person may write None, or copy the choice as it stands, with what it is called.
        case when lower(trim(decision)) = 'none' then 'none' else trim(split_part(decision, ' = ', 1)) end as decision,
        trim(reviewer) as reviewer,
        nullif(trim(note), '') as note
    from {{ source('engine', 'review_sheet') }}
    where trim(coalesce(decision, '')) <> ''
)

select
    sheet.*,
    titles.hold_reason,
    titles.occupation_code as former_code,
    occupations.occupation_code,
    occupations.occupation_title,
    case
        when sheet.decision = 'none' then starts_with(coalesce(titles.hold_reason, ''), '{{ reviewed_mark() }}')
        else list_contains(titles.source_refs, sheet.decision)
    end as is_done,
    case
        when titles.title_id is null then 'there is no such title'
        when coalesce(sheet.reviewer, '') = '' then 'no reviewer is named'
        when count(*) over (partition by sheet.title_id) > 1 then 'the title is decided more than once'
        when sheet.decision <> 'none' and occupations.source_ref is null
            then 'the decision is neither a source_ref of the evidence nor none'
        when
            sheet.decision <> 'none'
            and len(titles.source_refs) > 0 and not list_contains(titles.source_refs, sheet.decision)
            then 'the title rests on another source already'
    end as problem
from sheet
left join {{ ref('replayed_titles') }} as titles on sheet.title_id = titles.title_id
left join {{ ref('harvest_occupations') }} as occupations on sheet.decision = occupations.source_ref
