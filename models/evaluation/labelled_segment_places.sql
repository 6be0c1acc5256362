-- depends_on: {{ ref('labelled_segment_texts') }}, {{ ref('place_names') }}, {{ ref('place_regions') }}
-- depends_on: {{ function('without_words_about_places') }}
{{ twin_of('segment_places', 'labelled') }}
