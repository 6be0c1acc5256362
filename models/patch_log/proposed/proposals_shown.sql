-- The page of proposals stays small and opens at once: of each rule the first by a hash, which is a sample,
-- rule by rule in turn, as far as these make up a megabyte.
with
{%- set most_patches, most_characters = 2000, 1000000 %}

ranked as (
    select
        patch_id,
        title_id,
        substr(author, 6) as rule_id,
        reason,
        ops,
        length(title_id || reason || ops::varchar) as characters,
        row_number() over (partition by author order by sha256(patch_id), patch_id) as rule_position
    from {{ ref('patch_proposals') }}
),

measured as (
    select
        *,
        row_number() over in_turn as position,
        sum(characters) over in_turn as characters_before
    from ranked
    window in_turn as (order by rule_position, rule_id)
),

-- What the evidence has for a title: the best, and what came second in the same source.
evidence as (
    select
        title_id,
        any_value(told) filter (source_position = 1) as best_match,
        any_value(told) filter (source_position = 2) as second_match
    from (
        select
            title_id,
            source_position,
            occupation_title || ' (' || evidence_title || ', score ' || score || ')' as told
        from {{ ref('harvest_candidates') }}
        where source_position <= 2
        qualify row_number() over (partition by title_id, source_position order by candidate_position) = 1
    )
    group by title_id
)

select
    measured.rule_id,
    measured.rule_position,
    measured.patch_id,
    measured.title_id,
    titles.source_title,
    measured.reason,
    measured.ops,
    evidence.best_match,
    evidence.second_match
from measured
inner join {{ ref('replayed_titles') }} as titles on measured.title_id = titles.title_id
left join evidence
    on measured.title_id = evidence.title_id and measured.rule_id in ('exact_evidence', 'near_evidence')
where measured.position <= {{ most_patches }} and measured.characters_before <= {{ most_characters }}
