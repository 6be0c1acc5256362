-- The titles that the sources list, and titles in common use besides, which say less than one that the source itself
-- lists. Two spellings of a title count as one. Where a root has no O*NET, none of the 36,000 titles needs a key.
with
common as (
    select
        occupations.source_ref,
        min(titles.title) as title,
        {{ function('match_key') }}(titles.title) as match_key
    from {{ ref('common_titles') }} as titles
    inner join {{ ref('harvest_occupations') }} as occupations on 'onet:' || titles.code = occupations.source_ref
    group by occupations.source_ref, {{ function('match_key') }}(titles.title)
)

select
    listed.source_id,
    listed.source_ref,
    listed.occupation_title,
    listed.evidence_title,
    listed.kind,
    listed.match_key,
    common.match_key is not null as is_usual
from {{ ref('harvest_evidence') }} as listed
left join common on listed.source_ref = common.source_ref and listed.match_key = common.match_key
union all
select
    occupations.source_id,
    occupations.source_ref,
    occupations.occupation_title,
    common.title as evidence_title,
    'common' as kind,
    common.match_key,
    true as is_usual
from common
inner join {{ ref('harvest_occupations') }} as occupations on common.source_ref = occupations.source_ref
anti join {{ ref('harvest_evidence') }} as listed
    on common.source_ref = listed.source_ref and common.match_key = listed.match_key
