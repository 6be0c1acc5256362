-- The ways in which a key meets evidence, the strongest first. Only the first that a key meets counts.
with
evidence as (
    select
        match_key,
        source_ref,
        min(struct_pack(
            kind_position := {{ kind_position('kind') }}, evidence_title := evidence_title
        )) as strongest
    from {{ ref('harvest_evidence') }}
    group by match_key, source_ref
),

-- The name of the work stands at the end: a growth marketing specialist is a marketing specialist.
endings as (
    select
        match_key,
        string_split(work_key, ' ') as words,
        unnest(range(1, len(words) - 1)) as dropped
    from {{ ref('harvest_keys') }}
),

lookups as (
    select
        match_key,
        1 as way,
        'exact_evidence' as rule_id,
        'same key' as why,
        match_key as looked_up,
        []::varchar[] as modifiers,
        1.0 as score
    from {{ ref('harvest_keys') }}
    union all
    select
        match_key,
        2 as way,
        'grade' as rule_id,
        'same key without the grade' as why,
        ungraded_key as looked_up,
        [] as modifiers,
        0.92 as score
    from {{ ref('harvest_keys') }}
    union all
    select
        match_key,
        3 as way,
        'compound' as rule_id,
        'same key as the first of two titles' as why,
        first_part_key as looked_up,
        [] as modifiers,
        0.87 as score
    from {{ ref('harvest_keys') }}
    union all
    select
        match_key,
        4 as way,
        'near_evidence' as rule_id,
        'same key without what follows' as why,
        head_key as looked_up,
        [] as modifiers,
        0.82 as score
    from {{ ref('harvest_keys') }}
    -- What follows a single word may be what tells.
    where contains(head_key, ' ')
    union all
    select
        match_key,
        4 + dropped as way,
        'near_evidence' as rule_id,
        'same key without what precedes' as why,
        array_to_string(words[dropped + 1:], ' ') as looked_up,
        words[:dropped] as modifiers,
        0.8 - 0.02 * dropped as score
    from endings
),

matched as (
    select
        lookups.*,
        evidence.source_ref,
        evidence.strongest,
        {{ words_in('lookups.match_key', 'lookups.looked_up') }} as words_shared,
        {{ words_in('lookups.match_key', 'lookups.looked_up', negated=true) }} as words_missing
    from lookups
    inner join evidence on lookups.looked_up = evidence.match_key
    where lookups.looked_up <> ''
    qualify lookups.way = min(lookups.way) over (partition by lookups.match_key)
),

-- Of occupations that all have the title, the one that knows the words before it (hvac service technician),
-- or has more titles made of it (furniture sales associate, retail sales associate), is more likely meant.
supports as (
    select
        matched.match_key,
        matched.source_ref,
        count_if(list_has_any(string_split(titles.match_key, ' '), matched.modifiers)) as modifiers_known,
        coalesce(sum(titles.mentions) filter (
            contains(' ' || titles.match_key || ' ', ' ' || matched.looked_up || ' ')
        ), 0)::bigint as made_of_it
    from matched
    inner join {{ ref('harvest_evidence') }} as titles on matched.source_ref = titles.source_ref
    group by matched.match_key, matched.source_ref
)

select
    matched.match_key,
    matched.way,
    matched.rule_id,
    matched.why,
    matched.source_ref,
    matched.strongest.evidence_title,
    round((matched.score - 0.01 * (matched.strongest.kind_position - 1))::double, 4) as score,
    [supports.modifiers_known, supports.made_of_it] as support,
    matched.words_shared,
    matched.words_missing
from matched
inner join supports on matched.match_key = supports.match_key and matched.source_ref = supports.source_ref
