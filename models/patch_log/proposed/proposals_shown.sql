-- To keep the page of proposals small and fast to open, it shows a sample of each rule, the first by a hash, one patch
-- per rule in turn, up to a megabyte, without those that would take the room of many others.
with
{%- set most_patches, most_characters, most_of_one = 2000, 1000000, 10000 %}

ranked as (
    select
        patch_id,
        substr(author, 6) as rule_id,
        length(title_id || reason || ops::varchar) as size,
        row_number() over (partition by author order by sha256(patch_id), patch_id) as rule_position
    from {{ ref('patch_proposals') }}
    where size <= {{ most_of_one }}
    qualify rule_position <= {{ most_patches }}
),

measured as (
    select
        ranked.rule_id,
        ranked.rule_position,
        proposals.patch_id,
        proposals.title_id,
        proposals.reason,
        proposals.ops,
        row_number() over in_turn as position,
        sum(ranked.size) over in_turn as characters
    from ranked
    inner join {{ ref('patch_proposals') }} as proposals on ranked.patch_id = proposals.patch_id
    window in_turn as (order by ranked.rule_position, ranked.rule_id)
)

select
    measured.rule_id,
    measured.rule_position,
    measured.patch_id,
    measured.title_id,
    titles.source_title,
    measured.reason,
    measured.ops
from measured
inner join {{ ref('replayed_titles') }} as titles on measured.title_id = titles.title_id
where measured.position <= {{ most_patches }} and measured.characters <= {{ most_characters }}
