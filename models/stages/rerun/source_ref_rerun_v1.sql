{{ config(post_hook=stage_as_jsonl(['title_id'])) }}

with
candidates as (
    select
        title_id,
        list(
            struct_pack(
                source_ref := candidate,
                occupation_code := occupation_code,
                occupation_title := occupation_title,
                evidence_title := evidence_title,
                score := score,
                is_chosen := is_chosen
            )
            order by candidate_index
        ) as candidates,
        bool_or(is_contradicted) as is_contradicted
    from {{ ref('rerun_candidates') }}
    group by title_id
),

-- Of the chosen candidates, those that no person has declined.
choices as (
    select choices.*
    from {{ ref('rerun_choices') }} as choices
    semi join {{ ref('source_ref_rerun_v1_proposals') }} as proposals on choices.title_id = proposals.title_id
),

-- The titles as the chosen candidate's patch leaves them: it attaches the candidate, and adds its code where the title
-- has none.
attached as (
    select
        titles.title_id,
        titles.learner_title,
        titles.hold_reason,
        titles.runtime_lane as lane_before,
        titles.lane_rule_id as lane_rule_before,
        range(titles.rejections::bigint) as patches_rejected,
        case
            when choices.title_id is null then titles.source_refs
            else list_append(titles.source_refs, choices.candidate)
        end as source_refs,
        case
            when choices.title_id is null then titles.candidate_source_refs
            else list_concat(
                titles.candidate_source_refs[:choices.candidate_index],
                titles.candidate_source_refs[choices.candidate_index + 2:]
            )
        end as candidate_source_refs,
        list_concat(titles.caveats, coalesce(choices.new_caveats, [])) as caveats
    from {{ ref('published_titles') }} as titles
    left join choices on titles.title_id = choices.title_id
),

{{ sorted_into_lanes('attached') }}

select
    titles.title_id,
    titles.learner_title,
    candidates.candidates,
    proposals.patch_id,
    titles.lane_before,
    titles.lane_rule_before,
    titles.runtime_lane as lane_after,
    titles.lane_rule_id as lane_rule_after,
    titles.lane_reasons as lane_reasons_after,
    case
        when proposals.patch_id is not null then proposals.reason
        when list_bool_or(list_transform(candidates.candidates, lambda c: c.is_chosen))
            then 'A person has declined the best of its candidates.'
        when list_contains(people.members, 'source_refs') then 'A person has written what it rests on.'
        when candidates.is_contradicted then 'The best of its candidates has another code than the title.'
        else 'No candidate is in the evidence, agrees well enough, or better than another.'
    end as why
from laned as titles
left join candidates on titles.title_id = candidates.title_id
left join {{ ref('source_ref_rerun_v1_proposals') }} as proposals on titles.title_id = proposals.title_id
left join {{ ref('published_titles_set_by_people') }} as people on titles.title_id = people.title_id
