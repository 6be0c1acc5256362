-- Only the first way in which a key meets evidence of a source counts.
with
evidence as (
    select
        source_id,
        match_key,
        source_ref,
        min(struct_pack(
            kind_position := {{ function('kind_position') }}(kind), evidence_title := evidence_title
        )) as strongest,
        max(mentions) as mentions
    from {{ ref('harvest_evidence') }}
    group by source_id, match_key, source_ref
),

frequencies as (
    select distinct
        word,
        keys_with_word
    from {{ ref('evidence_words') }}
)

select
    lookups.match_key,
    lookups.way,
    lookups.rule_id,
    lookups.why,
    lookups.looked_up as evidence_key,
    evidence.source_id,
    evidence.source_ref,
    evidence.strongest.evidence_title,
    evidence.strongest.kind_position,
    evidence.mentions
from {{ ref('harvest_lookups') }} as lookups
inner join evidence on lookups.looked_up = evidence.match_key
left join frequencies on lookups.looked_up = frequencies.word
where
    lookups.looked_up <> ''
    -- A consultant psychiatrist is a psychiatrist; what is but a technician can be anything.
    and (
        lookups.way <= 4
        or contains(lookups.looked_up, ' ')
        or frequencies.keys_with_word <= {{ var('near_block') }} / 3
    )
qualify lookups.way = min(lookups.way) over (partition by lookups.match_key, evidence.source_id)
