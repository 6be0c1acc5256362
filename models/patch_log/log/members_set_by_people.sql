-- The place that a move takes from is written as well. Patches that were undone, and decisions that were replaced,
-- write nothing.
with
operations as (
    select
        log.title_id,
        log.patch_id,
        log.file,
        log.line_number,
        log.decision is not null as is_decision,
        unnest(json_extract(lines.text, '$.ops[*]')) as operation
    from {{ ref('log_patches') }} as log
    inner join {{ source('inputs', 'lines') }} as lines
        on
            lines.input = 'semantic_patches'
            and log.file = lines.file
            and log.line_number = lines.line_number
    where
        not starts_with(log.author, 'rule:')
        and not log.is_undone
        and not log.is_superseded
        and log.undoes is null
),

pointers as (
    select
        * exclude (operation),
        unnest([
            operation ->> '/path',
            case when operation ->> '/op' = 'move' then operation ->> '/from' end
        ]) as pointer
    from operations
    where operation ->> '/op' <> 'test'
)

select distinct
    pointers.* exclude (pointer), -- noqa: RF02
    members.member
from pointers
inner join {{ ref('title_members') }} as members on split_part(pointers.pointer, '/', 2) = members.member
