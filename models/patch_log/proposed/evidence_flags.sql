{{ config(materialized='view') }}

with
-- What each title will rest on if the proposals are accepted. A caveat about proposed evidence is the other half of the
-- patch that names this evidence, and is accepted with it or not at all. No caveat is proposed about what a person has
-- decided, or where there is no evidence.
proposed_refs as (
    select
        title_id,
        any_value(rule_id) as rule_id,
        any_value(patch_id) as half,
        any_value(list_transform(
            list_filter(
                json_extract(ops, '$[*]'),
                lambda operation: operation ->> '/path' in ('/source_refs/-', '/candidate_source_refs/-')
            ),
            lambda operation: operation ->> '/value'
        )) as refs
    from {{ ref('judged_operations') }}
    where rule_id in ('exact_evidence', 'near_evidence') and not is_refused
    group by title_id
),

evidence as (
    select
        titles.title_id,
        proposed.rule_id,
        proposed.half,
        {{ has_caveat_of_evidence('titles.caveats') }} as has_caveat,
        case when proposed.rule_id = 'exact_evidence' then proposed.refs else titles.source_refs end as source_refs,
        case
            when proposed.rule_id = 'near_evidence' then proposed.refs else titles.candidate_source_refs
        end as candidate_source_refs
    from {{ ref('replayed_titles') }} as titles
    left join proposed_refs as proposed on titles.title_id = proposed.title_id
    left join {{ ref('title_histories') }} as histories on titles.title_id = histories.title_id
    where histories.decision is null
),

grounds as (
    select
        matches.title_id,
        matches.rule_id as way,
        matches.match_status,
        matches.is_in_use,
        matches.caveat,
        evidence.rule_id,
        evidence.half,
        evidence.has_caveat,
        struct_pack(rests_on := '/source_refs', refs := evidence.source_refs) as attached,
        struct_pack(rests_on := '/candidate_source_refs', refs := evidence.candidate_source_refs) as named,
        len(evidence.source_refs) = 0 as has_names_only
    from {{ ref('title_matches') }} as matches
    inner join evidence on matches.title_id = evidence.title_id
),

flags as (
    select
        title_id,
        1 as position,
        way as rule_id,
        'grade_not_in_evidence' as flag,
        attached as ground,
        half
    from grounds
    where way = 'grade' and match_status <> 'none'
    union all
    select
        title_id,
        2 as position,
        case
            when caveat = 'ambiguous_evidence' then 'ambiguity'
            when caveat = 'uncertain_evidence' then 'uncertainty'
            when is_in_use then 'usage_only'
            else 'near_only'
        end as rule_id,
        caveat as flag,
        case when match_status = 'candidate' then named else attached end as ground,
        half
    from grounds
    where
        caveat is not null
        and not has_caveat
        and case when match_status = 'candidate' then has_names_only else rule_id = 'exact_evidence' end
)

select
    * exclude (ground),
    ground.rests_on,
    ground.refs
from flags
where len(ground.refs) > 0
