-- depends_on: {{ ref('labelled_segment_texts') }}, {{ ref('place_names') }}, {{ ref('place_regions') }}
{{ twin_of('segment_places', 'labelled') }}
