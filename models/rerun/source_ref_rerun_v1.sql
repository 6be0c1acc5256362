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
        ) as candidates
    from {{ ref('rerun_candidates') }}
    group by title_id
)

select
    titles.title_id,
    titles.learner_title,
    candidates.candidates,
    proposals.patch_id,
    titles.runtime_lane as lane_before,
    titles.lane_rule_id as lane_rule_before,
    lanes.runtime_lane as lane_after,
    lanes.lane_rule_id as lane_rule_after,
    lanes.lane_reasons as lane_reasons_after,
    coalesce(proposals.reason, 'No candidate is in the evidence.') as why
from {{ ref('published_titles') }} as titles
left join candidates on titles.title_id = candidates.title_id
left join {{ ref('source_ref_rerun_v1_proposals') }} as proposals on titles.title_id = proposals.title_id
left join {{ ref('title_lanes') }} as lanes on titles.title_id = lanes.title_id
