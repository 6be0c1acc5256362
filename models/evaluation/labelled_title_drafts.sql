-- depends_on: {{ ref('title_rule_steps') }}, {{ ref('pattern_phrases') }}, {{ ref('title_words') }}
-- depends_on: {{ ref('html_entities') }}, {{ ref('labelled_titles_to_clean') }}
{{ twin_of('title_drafts', 'labelled') }}
