-- Several source titles can be in one packet: what defines it is the title that a learner reads, and its occupation.
select
    'packet-' || left(sha256(json_array(titles.learner_title, titles.occupation_code)::varchar), 16) as packet_id,
    titles.learner_title,
    titles.occupation_code,
    min(occupations.occupation_title) as occupation_title,
    {{ function('match_key') }}(titles.learner_title) as match_key,
    list(titles.title_id order by titles.title_id) as title_ids,
    list_sort(list_distinct(flatten(list(titles.source_refs)))) as source_refs,
    list_sort(list_distinct(flatten(list(coalesce(people.members, []))))) as set_by_people
from {{ ref('published_titles') }} as titles
left join {{ ref('published_occupations') }} as occupations on titles.title_id = occupations.title_id
left join {{ ref('published_titles_set_by_people') }} as people on titles.title_id = people.title_id
group by titles.learner_title, titles.occupation_code
