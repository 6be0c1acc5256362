with
candidates as (
    select
        title_id,
        list(
            struct_pack(
                source_id := source_id,
                source_ref := source_ref,
                occupation_code := occupation_code,
                occupation_title := occupation_title,
                evidence_title := evidence_title,
                score := score,
                why := why,
                bridged_by := rule_id,
                words_shared := words_shared,
                words_missing := words_missing
            )
            order by candidate_position
        ) as candidates,
        list_distinct(list(source_id)) as source_ids
    from {{ ref('harvest_candidates') }}
    group by title_id
),

searched as (
    select list(source_id order by source_id) as source_ids
    from {{ ref('harvest_source_report') }}
    where evidence_titles > 0
),

holding as (
    select list(rule_id) as rule_ids
    from {{ ref('flag_rules') }}
    where flag = 'hold'
),

mined as (
    select
        titles.title_id,
        titles.source_title,
        titles.learner_title,
        matches.clean_title,
        titles.lane_rule_id,
        titles.hold_reason,
        coalesce(candidates.candidates, []) as candidates,
        matches.gap,
        -- Without a learner title, without a word or in a text that is too long for a title, nothing is looked up.
        coalesce(keys.match_key <> '', false) as is_looked_up,
        case
            when is_looked_up
                then {{ function('list_without') }}(searched.source_ids, coalesce(candidates.source_ids, []))
            else []
        end as sources_without,
        matches.match_status = 'attach' and matches.is_exact and not matches.is_ambiguous
        and titles.lane_rule_id = 'no_source_ref'
            as is_certain,
        titles.occupation_code is null and not coalesce(list_contains(people.members, 'occupation_code'), false)
            as wants_code,
        log.last_patch_seq,
        -- Held by a rule because it is no job or no title, and by nobody else.
        titles.lane_rule_id = 'explicit_hold'
        and list_has_any(coalesce(log.rules, []), holding.rule_ids)
        and not coalesce(list_contains(people.members, 'hold_reason'), false) as is_no_job,
        log.decision is not null
        or starts_with(coalesce(titles.hold_reason, ''), '{{ reviewed_mark() }}')
        -- Someone has written the sources that the title rests on, and left none.
        or (titles.lane_rule_id = 'no_source_ref' and coalesce(list_contains(people.members, 'source_refs'), false))
            as is_reviewed
    from {{ ref('published_titles') }} as titles
    cross join searched
    cross join holding
    left join {{ ref('log_titles') }} as log on titles.title_id = log.title_id
    left join {{ ref('published_titles_set_by_people') }} as people on titles.title_id = people.title_id
    left join {{ ref('title_matches') }} as matches on titles.title_id = matches.title_id
    left join {{ ref('title_keys') }} as keys on matches.clean_title = keys.clean_title
    left join candidates on titles.title_id = candidates.title_id
),

-- The patch that would attach the best candidate, for titles where it is certain.
attachable as (
    select
        title_id,
        to_json(
            [
                {{ function('operation') }}('test', '/source_refs', []),
                {{ function('operation') }}('add', '/source_refs/-', candidates[1].source_ref)
            ]
            || {{ operations_for_code('wants_code', 'candidates[1].occupation_code') }}
        ) as ops,
        {{ function('proposal_id') }}('hold_mining', title_id, ops) as first_id
    from mined
    where is_certain
)

select
    mined.* exclude (is_looked_up, is_certain, wants_code, is_no_job, is_reviewed), -- noqa: RF02
    attachable.ops,
    attachable.first_id,
    -- What a person has decided is not asked again, and no rule overrules it; where a person has declined the proposal,
    -- the title is put up for review.
    case
        when mined.is_reviewed then 'reviewed'
        when mined.is_no_job then 'no_job'
        when mined.is_certain and not {{ is_declined('attachable.first_id') }} then 'propose'
        when len(mined.candidates) > 0 then 'review'
        when mined.is_looked_up then 'nothing_found'
        else 'not_looked_up'
    end as verdict
from mined
left join attachable on mined.title_id = attachable.title_id
