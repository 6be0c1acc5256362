-- depends_on: {{ ref('known_places') }}
-- depends_on: {{ ref('labelled_segment_texts') }}, {{ ref('title_words') }}, {{ ref('trade_words') }}
-- depends_on: {{ ref('place_words') }}, {{ ref('employer_names') }}, {{ ref('word_meanings') }}
{{ twin_of('segment_words', 'labelled') }}
