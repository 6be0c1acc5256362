-- What the log already says about each title that rules might write about. Patches that were undone, and decisions that
-- were replaced, say nothing.
with
people as (
    select
        written.*,
        outcomes.changes
    from {{ ref('members_set_by_people') }} as written
    inner join {{ ref('patch_outcomes') }} as outcomes
        on written.file = outcomes.file and written.line_number = outcomes.line_number
    where outcomes.outcome = 'applied' or written.is_decision
),

members_of_titles as (
    select
        title_id,
        list(distinct member order by member) as members
    from people
    group by title_id
),

changed_caveats as (
    select
        people.title_id,
        unnest(people.changes) as made
    from people
    where people.member = 'caveats'
),

caveats_of_titles as (
    select
        changed.title_id,
        list_distinct(flatten(list({{ function('list_without') }}(changed.made.before, changed.made.after))))
            as caveats
    from changed_caveats as changed
    inner join {{ ref('title_members') }} as members on changed.made.member = members.document_index
    where members.member = 'caveats'
    group by changed.title_id
)

select
    titles.title_id,
    titles.last_patch_seq,
    titles.rules,
    titles.decision,
    coalesce(members_of_titles.members, []) as members_set_by_people,
    coalesce(caveats_of_titles.caveats, []) as caveats_taken_off_by_people
from {{ ref('log_titles') }} as titles
left join members_of_titles on titles.title_id = members_of_titles.title_id
left join caveats_of_titles on titles.title_id = caveats_of_titles.title_id
