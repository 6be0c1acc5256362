with
shown as (
    select
        proposals.title_id,
        substr(proposals.author, 6) as rule_id,
        case
            when proposals.ops ->> '/0/path' = '/learner_title' then proposals.ops ->> '/0/value'
            else titles.learner_title
        end || ' → ' || (proposals.ops ->> '/1/value') as example
    from {{ ref('patch_proposals') }} as proposals
    inner join {{ ref('replayed_titles') }} as titles on proposals.title_id = titles.title_id
)

select
    rule_id,
    count(*) as patches,
    count(distinct title_id) as titles,
    -- Any three will do, provided that they are always the same.
    list_transform(
        min(struct_pack(place := sha256(title_id), told := example), 3),
        lambda s: s.told
    ) as examples
from shown
group by rule_id
