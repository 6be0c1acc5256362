-- depends_on: {{ ref('labelled_segment_cuts') }}, {{ ref('labelled_segment_readings') }}, {{ ref('labelled_segment_universe') }}
-- depends_on: {{ ref('segment_kinds') }}
{{ twin_of('title_segments', 'labelled') }}
