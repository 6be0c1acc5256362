-- depends_on: {{ ref('labelled_segment_cuts') }}
{{ twin_of('segment_universe', 'labelled') }}
