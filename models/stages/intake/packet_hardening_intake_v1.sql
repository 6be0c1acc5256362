{{ config(post_hook=stage_as_jsonl(['packet_id'])) }}

with
evidence as (
    select
        packets.packet_id,
        min(evidence.occupation_title) filter (evidence.occupation_code = packets.occupation_code)
            as occupation_title,
        list(
            struct_pack(
                source_ref := evidence.source_ref,
                evidence_title := evidence.evidence_title,
                kind := evidence.kind,
                agreement := evidence.agreement,
                source := evidence.source_title,
                publisher := evidence.publisher,
                licence := evidence.licence,
                url := evidence.url
            )
            order by evidence.source_ref
        ) as evidence
    from {{ ref('intake_packets') }} as packets
    inner join {{ ref('intake_evidence') }} as evidence on packets.packet_id = evidence.packet_id
    group by packets.packet_id
),

checks as (
    select
        packet_id,
        list(struct_pack(name := name, passed := passed, detail := detail) order by position) as checks,
        bool_and(passed) as is_ready
    from {{ ref('intake_checks') }}
    group by packet_id
)

select
    packets.packet_id,
    packets.learner_title,
    packets.occupation_code,
    evidence.occupation_title,
    packets.title_ids,
    coalesce(evidence.evidence, []) as evidence,
    checks.checks,
    case when checks.is_ready then 'ready' else 'blocked' end as intake_status
from {{ ref('intake_packets') }} as packets
left join evidence on packets.packet_id = evidence.packet_id
inner join checks on packets.packet_id = checks.packet_id
