-- depends_on: {{ ref('noise_classes') }}
with
packets as (
    select
        *,
        {{ near_key('match_key') }} as near_key
    from {{ ref('intake_packets') }}
),

evidence as (
    select
        packet_id,
        list(source_ref order by source_ref) filter (source_id is null) as unresolved,
        max(agreement) as agreement,
        arg_max(evidence_title, agreement) as evidence_title
    from {{ ref('intake_evidence') }}
    group by packet_id
),

neighbours as (
    select
        occupation_code,
        near_key,
        list(packet_id order by packet_id) as packet_ids
    from packets
    where occupation_code is not null
    group by occupation_code, near_key
),

noises as (
    select
        packet_id,
        list_filter(
            [
                {%- for class in patterns_of('noise_classes', 'noise_class') %}
                case
                    when regexp_matches(learner_title, {{ sql_text(class.pattern) }})
                        then {{ sql_text(class.noise_class) }}
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
    len(classes) = 0 as passed,
    case when len(classes) = 0 then 'none found' else array_to_string(classes, ', ') end as detail
from noises
union all
select
    packets.packet_id,
    4 as position,
    'evidence_agrees' as name,
    coalesce(evidence.agreement, 0) >= {{ var('evidence_agreement') }} as passed,
    coalesce(evidence.agreement || ' with ' || evidence.evidence_title, 'no evidence') as detail
from packets
left join evidence on packets.packet_id = evidence.packet_id
union all
select
    packets.packet_id,
    5 as position,
    'no_near_duplicate' as name,
    len(coalesce(neighbours.packet_ids, [])) <= 1 as passed,
    case
        when len(neighbours.packet_ids) > 1
            then 'nearly the same title in ' || array_to_string(neighbours.packet_ids, ', ')
        else 'none of the occupation'
    end as detail
from packets
left join neighbours
    on packets.occupation_code = neighbours.occupation_code and packets.near_key = neighbours.near_key
union all
select
    packet_id,
    6 as position,
    'fit_to_show' as name,
    length(learner_title) between 2 and 80 and not regexp_matches(learner_title, '[\p{C}<>{}\[\]\\^~|_]') as passed,
    length(learner_title) || ' characters' as detail
from packets
