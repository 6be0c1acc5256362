-- What the log already says about each title that rules might write about.
with
patches as (
    select
        title_id,
        max(patch_seq) as last_patch_seq,
        list(distinct substr(author, 6)) filter (starts_with(author, 'rule:')) as rules
    from {{ ref('patch_outcomes') }}
    group by title_id
),

members_set_by_people as (
    select
        operations.title_id,
        list(distinct members.member) as members
    from {{ ref('replay_operations') }} as operations
    inner join {{ ref('patch_outcomes') }} as patches
        on
            operations.title_id = patches.title_id
            and operations.replay_position = patches.replay_position
    inner join {{ ref('replay_pointers') }} as pointers on operations.path = pointers.pointer
    inner join {{ ref('title_members') }} as members
        on pointers.document_index = members.document_index
    where
        patches.outcome = 'applied'
        and not starts_with(patches.author, 'rule:')
        and operations.op <> 'test'
    group by operations.title_id
)

select
    patches.title_id,
    patches.last_patch_seq,
    coalesce(patches.rules, []) as rules,
    coalesce(members_set_by_people.members, []) as members_set_by_people
from patches
left join members_set_by_people on patches.title_id = members_set_by_people.title_id
