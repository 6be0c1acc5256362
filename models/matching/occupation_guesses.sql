-- What no way leads to may be told by the words of other titles: occupations guessed from the title's words.
with
counted as (
    select
        source_ref,
        any_value(occupation_title) as occupation_title,
        count(*) as titles,
        count_if(kind = 'common') as common_titles
    from {{ ref('known_titles') }}
    group by source_ref
),

occupations as (
    select
        *,
        {{ function('match_key') }}(split_part(occupation_title, ', Except ', 1)) as name_key,
        string_split({{ function('near_key') }}(name_key), ' ') as name_words,
        regexp_matches(occupation_title, '\b(?:Managers|Directors|Chief Executives)\b|Supervisors of') as has_rank
    from counted
),

keys as (
    select
        keys.match_key,
        keys.work_key,
        list_distinct(string_split(keys.ungraded_key, ' ')) as words,
        {{ function('has_rank') }}(keys.match_key || ' ' || keys.ungraded_key) as has_rank
    from {{ ref('harvest_keys') }} as keys
    semi join {{ ref('guess_signs') }} as signs on keys.match_key = signs.match_key
),

-- As in the vote, words that do not name the work tell less.
weighted_words as (
    select
        keys.match_key,
        words.word,
        case when contains(' ' || keys.work_key || ' ', ' ' || words.word || ' ') then 10 else 4 end
        * coalesce(known.weight, (select max(rarest.weight) from {{ ref('word_weights') }} as rarest)) as weight
    from keys
    cross join unnest(keys.words) as words (word)
    left join {{ ref('word_weights') }} as known on words.word = known.word
),

covered as (
    select
        signs.match_key,
        signs.source_ref,
        coalesce(sum(words.weight) filter (phrases.phrase is not null) / sum(words.weight), 0) as covered,
        -- A word that few titles have tells little about whose it is.
        coalesce(max(phrases.titles / (phrases.phrase_titles + 6)), 0) as telling
    from {{ ref('guess_signs') }} as signs
    inner join weighted_words as words on signs.match_key = words.match_key
    left join {{ ref('occupation_phrases') }} as phrases
        on signs.source_ref = phrases.source_ref and words.word = phrases.phrase
    group by signs.match_key, signs.source_ref
),

compared as (
    select
        signs.*,
        covered.covered,
        covered.telling,
        len(keys.words) as words,
        occupations.* exclude (source_ref, name_words, has_rank), -- noqa: RF02
        occupations.has_rank and not keys.has_rank as is_overranked,
        {{ function('dice') }}(occupations.name_words, keys.words) as named
    from {{ ref('guess_signs') }} as signs
    inner join keys on signs.match_key = keys.match_key
    inner join covered on signs.match_key = covered.match_key and signs.source_ref = covered.source_ref
    inner join occupations on signs.source_ref = occupations.source_ref
),

weights as (
    select {{ match_weights(guess_features()) }} as by_feature from {{ ref('guess_coefficients') }}
),

scored as (
    select
        compared.*,
        {{ match_odds(guess_features(), 'weights.by_feature') }} as odds,
        round({{ function('match_score') }}(odds, weights.by_feature['knee'], weights.by_feature['rise']), 4) as score
    from compared
    cross join weights
    where score >= 0.05
    qualify row_number() over (partition by compared.match_key order by score desc, compared.source_ref) <= 5
)

select
    match_key,
    100 as way,
    'near_evidence' as rule_id,
    'words that its other titles have' as why,
    name_key as evidence_key,
    source_id,
    source_ref,
    occupation_title as evidence_title,
    1 as occupations,
    vote,
    score
from scored
-- Several of them may be right, so that the scores do not add up. Rounded, since a product's last digits depend on
-- the order of its factors.
qualify
    round(1 - product(1 - score) over (partition by match_key), 9)
    >= (select limits.candidate_threshold from {{ ref('match_limits') }} as limits)
