-- What the log already says about each title that rules might write about. What was undone, or replaced by
-- another decision, says nothing.
with
operations_of_people as (
    select
        outcomes.title_id,
        unnest(lines.shape) as operation
    from {{ ref('base_semantic_patches') }} as lines
    inner join {{ ref('patch_outcomes') }} as outcomes
        on lines.file = outcomes.file and lines.line_number = outcomes.line_number
    inner join {{ ref('log_patches') }} as patches
        on outcomes.file = patches.file and outcomes.line_number = patches.line_number
    where
        (outcomes.outcome = 'applied' or patches.decision is not null)
        and not starts_with(patches.author, 'rule:')
        and not patches.is_undone
        and not patches.is_superseded
        and patches.undoes is null
),

members_set_by_people as (
    select
        people.title_id,
        list(distinct members.member) as members
    from operations_of_people as people
    inner join {{ ref('replay_operations') }} as operations on people.operation = operations.operation
    inner join {{ ref('replay_pointers') }} as pointers on operations.path = pointers.pointer
    inner join {{ ref('title_members') }} as members
        on pointers.document_index = members.document_index
    where operations.op <> 'test'
    group by people.title_id
)

select
    titles.title_id,
    titles.last_patch_seq,
    titles.rules,
    titles.decision,
    coalesce(members_set_by_people.members, []) as members_set_by_people
from {{ ref('log_titles') }} as titles
left join members_set_by_people on titles.title_id = members_set_by_people.title_id
