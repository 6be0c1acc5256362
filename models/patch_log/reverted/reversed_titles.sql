with
-- The patches that have had an effect on the title so far. A rejected patch has nothing to undo.
spoken as (
    select distinct
        text ->> '/title_id' as title_id,
        text ->> '/patch_id' as patch_id
    from {{ source('published', 'lines') }}
    where
        file = 'semantic_patch_replay_v1_patch_outcomes'
        and text ->> '/outcome' in ('applied', 'noop')
),

-- The patches named, and those that applied only because of them.
undone as (
    select
        left_out.title_id,
        left_out.patch_id,
        left_out.patch_seq,
        true as is_named
    from {{ ref('patches_left_out') }} as left_out
    semi join spoken on left_out.title_id = spoken.title_id and left_out.patch_id = spoken.patch_id
    where left_out.is_named
    union
    select
        outcomes.title_id,
        outcomes.patch_id,
        outcomes.patch_seq,
        false as is_named
    from {{ ref('tried_patch_outcomes') }} as outcomes
    semi join {{ ref('patches_left_out') }} as left_out on outcomes.title_id = left_out.title_id
    semi join spoken on outcomes.title_id = spoken.title_id and outcomes.patch_id = spoken.patch_id
    where outcomes.outcome = 'rejected'
),

titles as (
    select
        title_id,
        list(patch_id order by patch_seq, patch_id) as patch_ids,
        coalesce(list(patch_id order by patch_seq, patch_id) filter (not is_named), []) as fallen
    from undone
    group by title_id
),

-- A decision that stays, or comes back, has cleared the caveats about former evidence.
evidence_caveats as (
    select list(code) as codes from {{ ref('caveat_catalogue') }}
    where is_about_evidence
),

decisions as (
    select distinct title_id from {{ ref('patches_left_out') }}
    where is_untested
),

replayed_documents as (
    select
        replayed.* replace (
            case
                when decisions.title_id is null then replayed.caveats
                else list_filter(
                    replayed.caveats,
                    lambda code: not list_contains(evidence_caveats.codes, code) -- noqa: RF02
                    or (log.decision is not null and list_contains(current_titles.caveats, code)) -- noqa: RF02
                )
            end as caveats
        )
    from {{ ref('tried_replayed_titles') }} as replayed
    cross join evidence_caveats
    inner join {{ ref('published_titles') }} as current_titles on replayed.title_id = current_titles.title_id
    inner join {{ ref('log_titles') }} as log on replayed.title_id = log.title_id
    left join decisions on replayed.title_id = decisions.title_id
),

-- What each member is, and what it would be if the patches had never existed.
changes as (
    select
        titles.*,
        log.last_patch_seq,
        {{ no_place_behind('log') }} as problem,
        current_titles.learner_title,
        flatten([
            {%- for member in title_members() if member.patchable %}
            case
                when current_titles.{{ member.name }} is not distinct from replayed.{{ member.name }} then []
                else [
                    {{ function('operation') }}('test', '/{{ member.name }}', current_titles.{{ member.name }}),
                    {{ function('operation') }}('replace', '/{{ member.name }}', replayed.{{ member.name }})
                ]
            end{{ "," if not loop.last }}
            {%- endfor %}
        ]) as ops
    from titles
    inner join {{ ref('log_titles') }} as log on titles.title_id = log.title_id
    inner join {{ ref('published_titles') }} as current_titles on titles.title_id = current_titles.title_id
    inner join replayed_documents as replayed on titles.title_id = replayed.title_id
)

-- An undo that changes nothing now may do so later: the decision that replaced the undone one may be undone too.
select
    title_id,
    last_patch_seq,
    patch_ids,
    fallen,
    problem,
    len(ops) > 0 as is_change,
    to_json(
        case when len(ops) > 0 then ops else [{{ function('operation') }}('test', '/learner_title', learner_title)] end
    ) as ops
from changes
