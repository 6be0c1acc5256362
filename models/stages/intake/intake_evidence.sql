with
refs as (
    select
        packet_id,
        match_key,
        unnest(source_refs) as source_ref
    from {{ ref('intake_packets') }}
),

-- Of an occupation's titles, the one that agrees best with the packet's.
agreeing as (
    select
        refs.packet_id,
        evidence.source_ref,
        evidence.source_id,
        evidence.occupation_code,
        evidence.evidence_title,
        evidence.kind,
        {{ function('agreement') }}(refs.match_key, evidence.match_key) as agreement
    from refs
    inner join {{ ref('harvest_evidence') }} as evidence on refs.source_ref = evidence.source_ref
    qualify row_number() over (
        partition by refs.packet_id, evidence.source_ref
        order by agreement desc, {{ function('kind_position') }}(evidence.kind), evidence.evidence_title
    ) = 1
)

select
    refs.packet_id,
    refs.source_ref,
    agreeing.source_id,
    agreeing.occupation_code,
    agreeing.evidence_title,
    agreeing.kind,
    agreeing.agreement,
    sources.title as source_title,
    sources.publisher,
    sources.licence,
    sources.url
from refs
left join agreeing on refs.packet_id = agreeing.packet_id and refs.source_ref = agreeing.source_ref
left join {{ ref('harvest_sources') }} as sources on agreeing.source_id = sources.source_id
