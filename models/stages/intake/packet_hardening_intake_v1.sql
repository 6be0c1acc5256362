{{ config(post_hook=stage_as_jsonl(['packet_id'])) }}

with
evidence as (
    select
        packet_id,
        list(
            struct_pack(
                source_ref := source_ref,
                evidence_title := evidence_title,
                kind := kind,
                agreement := agreement,
                source := source_title,
                publisher := publisher,
                licence := licence,
                url := url
            )
            order by source_ref
        ) as evidence
    from {{ ref('intake_evidence') }}
    group by packet_id
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
    packets.occupation_title,
    packets.title_ids,
    coalesce(evidence.evidence, []) as evidence,
    checks.checks,
    case when checks.is_ready then 'ready' else 'blocked' end as intake_status
from {{ ref('intake_packets') }} as packets
left join evidence on packets.packet_id = evidence.packet_id
inner join checks on packets.packet_id = checks.packet_id
