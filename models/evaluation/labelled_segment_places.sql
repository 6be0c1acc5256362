-- depends_on: {{ ref('labelled_segment_texts') }}, {{ ref('known_places') }}
-- depends_on: {{ function('without_words_about_places') }}
{{ twin_of('segment_places', 'labelled') }}
