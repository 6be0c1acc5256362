-- depends_on: {{ ref('noise_classes') }}
with
packets as (
    select
        *,
        {{ function('near_key') }}(match_key) as near_key,
        coalesce(list_has_any(set_by_people, ['source_refs', 'occupation_code']), false) as is_decided,
        coalesce(list_contains(set_by_people, 'learner_title'), false) as is_worded
    from {{ ref('intake_packets') }}
),

evidence as (
    select
        evidence.packet_id,
        list(evidence.source_ref order by evidence.source_ref) filter (evidence.source_id is null) as unresolved,
        count_if(evidence.occupation_code = packets.occupation_code) > 0 as has_code
    from {{ ref('intake_evidence') }} as evidence
    inner join packets on evidence.packet_id = packets.packet_id
    group by evidence.packet_id
),

bests as (
    select distinct
        packet_id,
        split_part(source_ref, ':', 1) as source_id,
        best_vote,
        best_source_ref
    from {{ ref('intake_votes') }}
),

-- How far the second way agrees with what the packet rests on.
seconds as (
    select
        evidence.packet_id,
        max(coalesce(votes.vote, 0) / nullif(bests.best_vote, 0)) as agreement,
        min(bests.best_source_ref) as best_source_ref
    from {{ ref('intake_evidence') }} as evidence
    inner join packets on evidence.packet_id = packets.packet_id
    inner join bests
        on evidence.packet_id = bests.packet_id and evidence.source_id = bests.source_id
    left join {{ ref('intake_votes') }} as votes
        on evidence.packet_id = votes.packet_id and evidence.source_ref = votes.source_ref
    where evidence.occupation_code = packets.occupation_code
    group by evidence.packet_id
),

neighbours as (
    select
        packet_id,
        list_filter(
            list_sort(list(packet_id) over (partition by occupation_code, near_key)),
            lambda other_id: other_id <> packet_id
        ) as packet_ids
    from packets
    where occupation_code is not null and near_key <> ''
),

noises as (
    select
        packet_id,
        is_worded,
        list_filter(
            [
                {%- for class in patterns_of('noise_classes', 'noise_class') %}
                case
                    when regexp_matches(learner_title, {{ text_literal(class.pattern) }})
                        then {{ text_literal(class.noise_class) }}
                end,
                {%- endfor %}
                null
            ],
            lambda class: class is not null
        ) as classes
    from packets
)

select
    packets.packet_id,
    1 as position,
    'source_refs_resolve' as name,
    evidence.unresolved is null as passed,
    coalesce('not in the evidence: ' || array_to_string(evidence.unresolved, ', '), 'all are there') as detail
from packets
left join evidence on packets.packet_id = evidence.packet_id
union all
select
    packet_id,
    2 as position,
    'occupation_is_named' as name,
    occupation_code is not null as passed,
    coalesce(occupation_code, 'no occupation code') as detail
from packets
union all
select
    packet_id,
    3 as position,
    'no_residual_noise' as name,
    len(classes) = 0 or is_worded as passed,
    case
        when len(classes) = 0 then 'none found'
        else array_to_string(classes, ', ') || case when is_worded then ', but a person has written it' else '' end
    end as detail
from noises
union all
select
    packets.packet_id,
    4 as position,
    'evidence_agrees' as name,
    -- A person's word counts. If no other title has its words, nothing speaks against it.
    packets.is_decided
    or packets.occupation_code is null
    or (
        coalesce(evidence.has_code, false)
        and coalesce(seconds.agreement, 1) >= {{ var('evidence_agreement') }}
    ) as passed,
    case
        when packets.is_decided then 'a person has decided'
        when packets.occupation_code is null then 'no occupation code'
        when evidence.has_code and seconds.agreement is null then 'its words are of no other title'
        when evidence.has_code and seconds.agreement >= 1
            then 'in other titles its words speak for this occupation most'
        when evidence.has_code
            then
                'in other titles its words speak ' || round(seconds.agreement, 2)
                || ' times as strongly for this occupation as for '
                || coalesce(strongest.occupation_title || ' (' || strongest.source_ref || ')', seconds.best_source_ref)
        else 'no source_ref has the code ' || packets.occupation_code
    end as detail
from packets
left join evidence on packets.packet_id = evidence.packet_id
left join seconds on packets.packet_id = seconds.packet_id
left join {{ ref('harvest_occupations') }} as strongest on seconds.best_source_ref = strongest.source_ref
union all
select
    packets.packet_id,
    5 as position,
    'no_near_duplicate' as name,
    len(coalesce(neighbours.packet_ids, [])) = 0 as passed,
    case
        when len(neighbours.packet_ids) > 0
            then 'nearly the same title in ' || array_to_string(neighbours.packet_ids, ', ')
        else 'none of the occupation'
    end as detail
from packets
left join neighbours on packets.packet_id = neighbours.packet_id
union all
select
    packet_id,
    6 as position,
    'fit_to_show' as name,
    length(learner_title) between 2 and 80
    and regexp_matches(learner_title, '\pL')
    and not regexp_matches(learner_title, '[\p{C}<>{}\[\]\\^~|_]') as passed,
    case
        when regexp_matches(learner_title, '\pL') then length(learner_title) || ' characters' else 'no letter'
    end as detail
from packets
