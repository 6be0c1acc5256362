-- depends_on: {{ ref('segment_kinds') }}, {{ ref('pattern_phrases') }}, {{ ref('labelled_segment_texts') }}
-- depends_on: {{ ref('labelled_segment_places') }}, {{ ref('labelled_segment_words') }}
{{ twin_of('segment_readings', 'labelled') }}
