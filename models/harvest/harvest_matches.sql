-- The ways in which a key meets evidence, the strongest first. Only the first that a key meets counts.
with
evidence as (
    select
        match_key,
        source_ref,
        min(struct_pack(
            kind_position := {{ kind_position('kind') }}, evidence_title := evidence_title
        )) as strongest,
        max(mentions) as mentions
    from {{ ref('harvest_evidence') }}
    group by match_key, source_ref
),

lookups as (
    select
        match_key,
        1 as way,
        'exact_evidence' as rule_id,
        'same key' as why,
        match_key as looked_up,
        1.0 as score
    from {{ ref('harvest_keys') }}
    union all
    select
        match_key,
        2 as way,
        'grade' as rule_id,
        'same key without the grade' as why,
        ungraded_key as looked_up,
        0.92 as score
    from {{ ref('harvest_keys') }}
    union all
    select
        match_key,
        3 as way,
        'compound' as rule_id,
        'same key as the first of two titles' as why,
        first_part_key as looked_up,
        0.87 as score
    from {{ ref('harvest_keys') }}
    union all
    select
        match_key,
        4 as way,
        'near_evidence' as rule_id,
        'same key without what follows' as why,
        head_key as looked_up,
        0.82 as score
    from {{ ref('harvest_keys') }}
    -- What follows a single word may be what tells.
    where contains(head_key, ' ')
    union all
    select
        match_key,
        4 + generate_subscripts(ending_keys, 1) as way,
        'near_evidence' as rule_id,
        'same key without what precedes' as why,
        unnest(ending_keys) as looked_up,
        0.8 - 0.02 * generate_subscripts(ending_keys, 1) as score
    from {{ ref('harvest_keys') }}
)

select
    lookups.match_key,
    lookups.way,
    lookups.rule_id,
    lookups.why,
    evidence.source_ref,
    evidence.strongest.evidence_title,
    evidence.mentions,
    (lookups.score - 0.01 * (evidence.strongest.kind_position - 1))::double as score,
    {{ words_in('lookups.match_key', 'lookups.looked_up') }} as words_shared,
    {{ words_in('lookups.match_key', 'lookups.looked_up', negated=true) }} as words_missing
from lookups
inner join evidence on lookups.looked_up = evidence.match_key
where lookups.looked_up <> ''
qualify lookups.way = min(lookups.way) over (partition by lookups.match_key)
