with
-- What each title rests on, with what is proposed: the patch that names it is the other half of a caveat that
-- speaks of it, which comes with it or not at all. Nothing is said of what a person decided, and nothing where
-- there is nothing.
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
        case when proposed.rule_id = 'exact_evidence' then proposed.refs else titles.source_refs end as source_refs,
        case
            when proposed.rule_id = 'near_evidence' then proposed.refs else titles.candidate_source_refs
        end as candidate_source_refs
    from {{ ref('replayed_titles') }} as titles
    left join proposed_refs as proposed on titles.title_id = proposed.title_id
    left join {{ ref('title_histories') }} as histories on titles.title_id = histories.title_id
    where histories.decision is null
),

evidence_flags as (
    select
        matches.title_id,
        1 as position,
        matches.rule_id,
        'grade_not_in_evidence' as flag,
        '/source_refs' as rests_on,
        evidence.source_refs as refs,
        evidence.half
    from {{ ref('title_matches') }} as matches
    inner join evidence on matches.title_id = evidence.title_id
    where matches.rule_id = 'grade' and matches.match_status <> 'none'
    union all
    select
        matches.title_id,
        2 as position,
        'ambiguity' as rule_id,
        'ambiguous_evidence' as flag,
        '/candidate_source_refs' as rests_on,
        evidence.candidate_source_refs as refs,
        evidence.half
    from {{ ref('title_matches') }} as matches
    inner join evidence on matches.title_id = evidence.title_id
    where matches.is_ambiguous and len(evidence.source_refs) = 0
    union all
    select
        matches.title_id,
        3 as position,
        'near_only' as rule_id,
        'near_evidence_only' as flag,
        '/candidate_source_refs' as rests_on,
        evidence.candidate_source_refs as refs,
        evidence.half
    from {{ ref('title_matches') }} as matches
    inner join evidence on matches.title_id = evidence.title_id
    where matches.match_status = 'candidate' and not matches.is_ambiguous and len(evidence.source_refs) = 0
    union all
    select
        matches.title_id,
        3 as position,
        'near_only' as rule_id,
        'near_evidence_only' as flag,
        '/source_refs' as rests_on,
        evidence.source_refs as refs,
        evidence.half
    from {{ ref('title_matches') }} as matches
    inner join evidence on matches.title_id = evidence.title_id
    where matches.match_status = 'attach' and not matches.is_exact and evidence.rule_id = 'exact_evidence'
),

flags as (
    select
        title_id,
        10 + position as position,
        rule_id,
        flag
    from {{ ref('flagged_titles') }}
    union all by name
    select * from evidence_flags
    where len(refs) > 0
    union all by name
    select
        title_id,
        4 as position,
        rule_id,
        'compound_title' as flag
    from {{ ref('title_matches') }}
    where rule_id = 'compound'
    union all by name
    select distinct
        title_id,
        5 as position,
        'unknown_part' as rule_id,
        'unknown_part' as flag
    from {{ ref('title_segments') }}
    where kind = 'unknown'
)

-- A rule flags a title once: what a person takes away again stays away.
select
    flags.*,
    rules.why,
    replayed.caveats,
    replayed.hold_reason
from flags
inner join {{ ref('patch_rules') }} as rules on flags.rule_id = rules.rule_id
inner join {{ ref('replayed_titles') }} as replayed on flags.title_id = replayed.title_id
left join {{ ref('title_histories') }} as histories on flags.title_id = histories.title_id
where not coalesce(list_contains(histories.rules, flags.rule_id), false)
-- What a title rests on and what it is called can speak for the same rule.
qualify row_number() over (partition by flags.title_id, flags.rule_id order by flags.position) = 1
