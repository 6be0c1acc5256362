-- depends_on: {{ ref('segment_kinds') }}, {{ ref('pattern_phrases') }}
select
    texts.segment,
    texts.key,
    {{ segment_kind('texts.segment', 'counts.ends_in_work') }} as pattern_kind,
    places.is_place,
    regexp_full_match(texts.segment, '[A-Z]{2}')
    -- By themselves these more often mean accounts receivable, artificial intelligence and an identity.
    and (places.is_place or coalesce(pattern_kind = 'place', false) or texts.segment in ('AR', 'IA', 'ID')) as is_state,
    counts.begins_with_place and regexp_full_match(texts.segment, {{ phrase_pattern('team_name') }}, 'i')
        as is_called_as_team,
    counts.has_unknown_word and regexp_full_match(texts.segment, {{ phrase_pattern('site_name') }}, 'i')
        as is_called_as_site,
    regexp_full_match(
        texts.key,
        {{ phrase_pattern('language') }}
        || '(?:\s*(?:[/,&+]|\b(?:or|and)\b)\s*' || {{ phrase_pattern('language') }} || ')*',
        'i'
    ) as is_language,
    regexp_matches(texts.key, '\b' || {{ phrase_pattern('works_in_language') }} || '\b', 'i') as works_in_language,
    counts.* exclude (segment) -- noqa: RF02
from {{ ref('segment_texts') }} as texts
left join {{ ref('segment_places') }} as places on texts.segment = places.segment
left join {{ ref('segment_words') }} as counts on texts.segment = counts.segment
