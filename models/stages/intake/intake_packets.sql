-- Several source titles can be in one packet: what defines it is the title that a learner reads, and its occupation.
select
    'packet-' || left(sha256(json_array(learner_title, occupation_code)::varchar), 16) as packet_id,
    learner_title,
    occupation_code,
    {{ function('match_key') }}(learner_title) as match_key,
    list(title_id order by title_id) as title_ids,
    list_sort(list_distinct(flatten(list(source_refs)))) as source_refs
from {{ ref('published_titles') }}
group by learner_title, occupation_code
