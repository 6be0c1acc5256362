-- What the log already says about each title that rules might write about. What was undone, or replaced by
-- another decision, says nothing.
with
members_set_by_people as (
    select
        operations.title_id,
        list(distinct members.member) as members
    from {{ ref('replay_operations') }} as operations
    inner join {{ ref('patch_outcomes') }} as outcomes
        on
            operations.title_id = outcomes.title_id
            and operations.replay_position = outcomes.replay_position
    inner join {{ ref('log_patches') }} as patches
        on outcomes.file = patches.file and outcomes.line_number = patches.line_number
    inner join {{ ref('replay_pointers') }} as pointers on operations.path = pointers.pointer
    inner join {{ ref('title_members') }} as members
        on pointers.document_index = members.document_index
    where
        (outcomes.outcome = 'applied' or patches.decision is not null)
        and not starts_with(patches.author, 'rule:')
        and not patches.is_undone
        and not patches.is_superseded
        and patches.undoes is null
        and operations.op <> 'test'
    group by operations.title_id
)

select
    titles.title_id,
    titles.last_patch_seq,
    titles.rules,
    titles.decision,
    coalesce(members_set_by_people.members, []) as members_set_by_people
from {{ ref('log_titles') }} as titles
left join members_set_by_people on titles.title_id = members_set_by_people.title_id
