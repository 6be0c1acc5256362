-- What the sources list, and what is in common use besides: a title that the source itself lists says more.
select
    source_id,
    source_ref,
    occupation_title,
    evidence_title,
    kind,
    match_key,
    mentions
from {{ ref('harvest_evidence') }}
union all
select
    occupations.source_id,
    occupations.source_ref,
    occupations.occupation_title,
    common.title as evidence_title,
    'common' as kind,
    {{ function('match_key') }}(common.title) as match_key,
    1 as mentions
from {{ ref('common_titles') }} as common
inner join {{ ref('harvest_occupations') }} as occupations on 'onet:' || common.code = occupations.source_ref
anti join {{ ref('harvest_evidence') }} as listed
    on
        occupations.source_id = listed.source_id
        and {{ function('match_key') }}(common.title) = listed.match_key
