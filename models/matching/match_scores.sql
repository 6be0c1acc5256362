with
-- What a lookup has found must not be found again by its words: one occupation would count as two.
near as (
    select
        near.match_key,
        99 as way,
        'near_evidence' as rule_id,
        'shared words' as why,
        near.evidence_key,
        any_value(near.likeness) as likeness,
        evidence.source_id,
        evidence.source_ref,
        min_by(
            evidence.evidence_title, ({{ function('kind_position') }}(evidence.kind), evidence.evidence_title)
        ) as evidence_title,
        min({{ function('kind_position') }}(evidence.kind)) as kind_position,
        false as is_usual
    from {{ ref('near_matches') }} as near
    inner join {{ ref('known_titles') }} as evidence
        on near.evidence_key = evidence.match_key
    anti join {{ ref('harvest_matches') }} as found
        on
            near.match_key = found.match_key
            and evidence.source_ref = found.source_ref
            and evidence.match_key = found.evidence_key
    group by near.match_key, near.evidence_key, evidence.source_id, evidence.source_ref
),

matches as (
    select * from {{ ref('harvest_matches') }}
    union all by name
    select * from near
),

counted as (
    select
        *,
        count(*) over of_one_title as occupations,
        -- Without those for which the title is in common use.
        count_if(kind_position < 4) over of_one_title as listings
    from matches
    window of_one_title as (partition by match_key, source_id, evidence_key, way)
),

words as (
    select
        keys.match_key,
        unnest(list_distinct(string_split(keys.ungraded_key, ' '))) as word
    from {{ ref('harvest_keys') }} as keys
),

-- A word that is in no evidence tells as much as the rarest word that is.
weighted_words as (
    select
        words.match_key,
        words.word,
        known.word is null as is_unknown,
        coalesce(known.weight, (select max(rarest.weight) from {{ ref('word_weights') }} as rarest)) as weight
    from words
    left join {{ ref('word_weights') }} as known on words.word = known.word
),

met as (
    select distinct
        match_key,
        evidence_key
    from counted
),

covered as (
    select
        met.match_key,
        met.evidence_key,
        coalesce(
            sum(words.weight) filter (contains(' ' || met.evidence_key || ' ', ' ' || words.word || ' '))
            / sum(words.weight),
            0
        ) as covered,
        count_if(words.is_unknown) as unknown_words
    from met
    inner join weighted_words as words on met.match_key = words.match_key
    group by met.match_key, met.evidence_key
),

heard as (
    select distinct
        match_key,
        source_id
    from {{ ref('occupation_votes') }}
),

-- The names of the occupation, in this source and in another source that has the same title.
occupation_keys as (
    select
        source_ref,
        {{ function('match_key') }}(split_part(occupation_title, ', Except ', 1)) as name_key
    from {{ ref('harvest_occupations') }}
),

occupation_names as (
    select
        source_ref,
        string_split({{ function('near_key') }}(name_key), ' ') as title_words
    from occupation_keys
),

met_occupations as (
    select distinct
        match_key,
        source_id,
        source_ref
    from matches
),

named as (
    select
        occupations_met.*,
        occupation_names.title_words
    from met_occupations as occupations_met
    inner join occupation_names on occupations_met.source_ref = occupation_names.source_ref
),

agreeing as (
    select
        named.match_key,
        named.source_ref,
        max({{ function('dice') }}(named.title_words, elsewhere.title_words)) as agreed
    from named
    inner join named as elsewhere on named.match_key = elsewhere.match_key and named.source_id <> elsewhere.source_id
    group by named.match_key, named.source_ref
),

compared as (
    select
        counted.*,
        coalesce(agreeing.agreed, 0) as agreed,
        agreeing.agreed is null
        and (select count(distinct all_of_them.source_id) from {{ ref('harvest_occupations') }} as all_of_them) > 1
            as is_alone,
        covered.covered,
        covered.unknown_words,
        coalesce(
            {{ function('dice') }}(occupation.title_words, list_distinct(string_split(counted.evidence_key, ' '))), 0
        ) as named,
        coalesce(votes.vote, 0) as vote,
        -- Two or three titles are too few to decide anything.
        coalesce(votes.position = 1 and votes.speakers >= 5, false) as is_spoken_for,
        -- Where nothing speaks for any occupation, nothing speaks against this one.
        coalesce(votes.margin, case when heard.match_key is null then 0 else -1 end) as margin
    from counted
    inner join covered on counted.match_key = covered.match_key and counted.evidence_key = covered.evidence_key
    left join {{ ref('occupation_votes') }} as votes
        on counted.match_key = votes.match_key and counted.source_ref = votes.source_ref
    left join occupation_names as occupation on counted.source_ref = occupation.source_ref
    left join heard on counted.match_key = heard.match_key and counted.source_id = heard.source_id
    left join agreeing on counted.match_key = agreeing.match_key and counted.source_ref = agreeing.source_ref
),

weights as (
    select {{ match_weights(match_features()) }} as by_feature from {{ ref('match_coefficients') }}
)

select
    compared.* exclude (likeness, covered, named, agreed, is_alone, margin), -- noqa: RF02
    {{ match_odds(match_features(), 'weights.by_feature') }} as odds,
    round({{ function('match_score') }}(odds, weights.by_feature['knee'], weights.by_feature['rise']), 4) as score
from compared
cross join weights
