with
titles as (
    select
        title_id,
        hold_reason is not null as explicit_hold,
        learner_title is null or {{ is_blank('learner_title') }} as no_learner_title,
        len(source_refs) = 0 and len(candidate_source_refs) = 0 as no_source_ref,
        len(source_refs) = 0 and len(candidate_source_refs) > 0 as candidate_source_ref_only,
        len(caveats) > 0 as has_caveats,
        len(patches_rejected) > 0 as has_rejected_patch
    from {{ ref('replayed_titles') }}
),

-- Every rule whose predicate holds, in the order of precedence.
reasons as (
    select
        *,
        list_filter(
            [
                case when explicit_hold then 'explicit_hold' end,
                case when no_learner_title then 'no_learner_title' end,
                case when no_source_ref then 'no_source_ref' end,
                case when candidate_source_ref_only then 'candidate_source_ref_only' end,
                case when has_caveats then 'has_caveats' end,
                case when has_rejected_patch then 'has_rejected_patch' end
            ],
            lambda rule: rule is not null
        ) as rules
    from titles
)

select
    title_id,
    -- The lanes. First match wins.
    case
        when explicit_hold then 'hold'
        when no_learner_title then 'hold'
        when no_source_ref then 'hold'
        when candidate_source_ref_only then 'source_ref_rerun'
        when has_caveats then 'serviceable_with_caveat'
        when has_rejected_patch then 'serviceable_with_caveat'
        else 'packet_hardening'
    end as runtime_lane,
    coalesce(rules[1], 'clean') as lane_rule_id,
    case when len(rules) = 0 then ['clean'] else rules end as lane_reasons
from reasons
