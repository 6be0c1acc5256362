-- Per key and source, only the first way that meets evidence counts; where that place falls to other words for the
-- title is decided below.
with
evidence as (
    select
        source_id,
        match_key,
        source_ref,
        min(struct_pack(
            kind_position := {{ function('kind_position') }}(kind), evidence_title := evidence_title
        )) as strongest,
        bool_or(is_usual) as is_usual
    from {{ ref('known_titles') }}
    group by source_id, match_key, source_ref
)

select
    lookups.match_key,
    lookups.way,
    case when evidence.strongest.kind_position = 4 then 'near_evidence' else lookups.rule_id end as rule_id,
    lookups.why || case when evidence.strongest.kind_position = 4 then ', a title in common use' else '' end as why,
    lookups.looked_up as evidence_key,
    evidence.source_id,
    evidence.source_ref,
    evidence.strongest.evidence_title,
    evidence.strongest.kind_position,
    evidence.is_usual
from {{ ref('harvest_lookups') }} as lookups
inner join evidence on lookups.looked_up = evidence.match_key
inner join {{ ref('harvest_occupations') }} as occupations on evidence.source_ref = occupations.source_ref
left join {{ ref('word_weights') }} as words on lookups.looked_up = words.word
where
    lookups.looked_up <> ''
    -- A consultant psychiatrist is a psychiatrist, but someone who is just a technician can be anything. What follows a
    -- single word may be what matters, too, unless the occupation is called by that word.
    and (
        lookups.way in (1, 2, 3, 5)
        or contains(lookups.looked_up, ' ')
        or words.keys_with_word <= {{ var('near_block') }} / 3
        or (
            lookups.way = 4
            and (
                starts_with(lower(occupations.occupation_title), lookups.looked_up)
                or contains(lower(occupations.occupation_title), ' and ' || lookups.looked_up)
            )
        )
    )
qualify
    -- Other words for a title say less than the title itself, because for a double title they may be those of its
    -- second half, and more than a part of the title.
    dense_rank() over (
        partition by lookups.match_key, evidence.source_id
        order by case when lookups.way = 5 then 3.5 else lookups.way end, lookups.turn
    ) = 1
    -- What two reasons lead to is found once.
    and row_number() over (
        partition by lookups.match_key, lookups.way, lookups.looked_up, evidence.source_ref order by lookups.why
    ) = 1
