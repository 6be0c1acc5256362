-- depends_on: {{ ref('pattern_phrases') }}
-- depends_on: {{ ref('labelled_title_drafts') }}
{{ twin_of('segment_cuts', 'labelled') }}
