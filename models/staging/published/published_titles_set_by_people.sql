-- Which patches were applied is looked up for these titles only: for all titles it would take a stage longer than
-- reading all other members.
with
lines as (
    select
        text ->> '/title_id' as title_id,
        text as said
    from {{ source('published', 'lines') }}
)

select
    lines.title_id,
    list(distinct written.member order by written.member) as members
from lines
inner join {{ ref('members_set_by_people') }} as written on lines.title_id = written.title_id
where
    written.is_decision
    or list_contains(json_extract_string(lines.said, '$.patches_applied[*]'), written.patch_id)
group by lines.title_id
