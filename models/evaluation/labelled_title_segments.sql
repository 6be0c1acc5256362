-- depends_on: {{ ref('labelled_judged_segments') }}, {{ ref('labelled_employer_sites') }}
-- depends_on: {{ ref('segment_kinds') }}, {{ ref('pattern_phrases') }}
{{ twin_of('title_segments', 'labelled') }}
