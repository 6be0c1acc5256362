select
    titles.title_id,
    list(distinct written.member order by written.member) as members
from {{ ref('published_titles') }} as titles
inner join {{ ref('members_set_by_people') }} as written on titles.title_id = written.title_id
where written.is_decision or list_contains(titles.patches_applied, written.patch_id)
group by titles.title_id
