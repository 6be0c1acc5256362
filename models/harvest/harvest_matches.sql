-- Only the first way in which a key meets evidence counts.
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

matched as (
    select
        lookups.*,
        evidence.source_ref,
        evidence.strongest,
        {{ words_in('lookups.match_key', 'lookups.looked_up') }} as words_shared,
        {{ words_in('lookups.match_key', 'lookups.looked_up', negated=true) }} as words_missing
    from {{ ref('harvest_lookups') }} as lookups
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
    {{ weakened('matched.score', 'matched.strongest.kind_position') }} as score,
    [supports.modifiers_known, supports.made_of_it] as support,
    matched.words_shared,
    matched.words_missing
from matched
inner join supports on matched.match_key = supports.match_key and matched.source_ref = supports.source_ref
