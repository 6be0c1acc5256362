-- depends_on: {{ ref('labelled_segment_cuts') }}, {{ ref('labelled_segment_readings') }}
-- depends_on: {{ ref('labelled_segment_universe') }}, {{ ref('segment_kinds') }}
{{ twin_of('title_segments', 'labelled') }}
