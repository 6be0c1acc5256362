-- depends_on: {{ ref('title_rule_steps') }}, {{ ref('pattern_phrases') }}, {{ ref('title_words') }}
-- depends_on: {{ ref('html_entities') }}, {{ ref('labelled_title_segments') }}, {{ ref('labelled_title_drafts') }}
-- depends_on: {{ ref('segment_kinds') }}
{{ twin_of('cleaned_titles', 'labelled') }}
