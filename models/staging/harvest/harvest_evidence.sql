with
occupations as (
    select
        source_id,
        code as key,
        code as occupation_code,
        title as occupation_title
    from {{ source('harvest', 'onet_occupations') }}
    union all
    select
        source_id,
        uri as key,
        isco_group as occupation_code,
        preferred_label as occupation_title
    from {{ source('harvest', 'esco_occupations') }}
    union all
    select distinct
        'bls_ooh' as source_id,
        {{ function('slug') }}(occupation) as key,
        {{ function('slug') }}(occupation) as occupation_code,
        occupation as occupation_title
    from {{ ref('bls_ooh_titles') }}
),

titles as (
    select
        source_id,
        key,
        occupation_title as title,
        'preferred' as kind
    from occupations
    union all
    select
        source_id,
        code as key,
        title,
        'alternate' as kind
    from {{ source('harvest', 'onet_alternate_titles') }}
    union all
    select
        source_id,
        code as key,
        title,
        'reported' as kind
    from {{ source('harvest', 'onet_reported_titles') }}
    union all
    select
        source_id,
        uri as key,
        unnest(string_split_regex(alt_labels, '\s*\n\s*')) as title,
        'alternate' as kind
    from {{ source('harvest', 'esco_occupations') }}
    union all
    select
        'bls_ooh' as source_id,
        {{ function('slug') }}(occupation) as key,
        title,
        'alternate' as kind
    from {{ ref('bls_ooh_titles') }}
),

-- Where an occupation has a title by several kinds, the strongest counts.
strongest as (
    select
        source_id,
        key,
        trim(title) as evidence_title,
        min_by(kind, {{ function('kind_position') }}(kind)) as kind,
        count(distinct kind) as mentions
    from titles
    where not {{ function('is_blank') }}(title)
    group by source_id, key, trim(title)
)

select
    strongest.source_id,
    strongest.source_id || ':' || strongest.key as source_ref,
    coalesce(occupations.occupation_code, strongest.key) as occupation_code,
    -- Files of two different releases, or edited files, name codes for which there is no occupation.
    coalesce(nullif(trim(occupations.occupation_title), ''), strongest.key) as occupation_title,
    strongest.evidence_title,
    strongest.kind,
    {{ function('match_key') }}(strongest.evidence_title) as match_key,
    strongest.mentions,
    sources.trust_rank
from strongest
left join occupations on strongest.source_id = occupations.source_id and strongest.key = occupations.key
inner join {{ ref('harvest_sources') }} as sources on strongest.source_id = sources.source_id
