-- depends_on: {{ ref('segment_kinds') }}, {{ ref('pattern_phrases') }}, {{ ref('labelled_title_drafts') }}
-- depends_on: {{ ref('title_words') }}, {{ ref('trade_words') }}, {{ ref('place_words') }}
-- depends_on: {{ ref('place_names') }}, {{ ref('place_regions') }}
{{ twin_of('title_segments', 'labelled') }}
