-- depends_on: {{ ref('title_rule_steps') }}, {{ ref('pattern_phrases') }}, {{ ref('title_words') }}
-- depends_on: {{ ref('html_entities') }}, {{ ref('word_meanings') }}, {{ ref('labelled_titles_to_clean') }}
-- depends_on: {{ function('entities_read') }}, {{ function('is_name_of') }}, {{ function('is_part_of') }}
-- depends_on: {{ function('left_by_rule') }}, {{ function('ordinary_width') }}, {{ function('read_as_utf8') }}
-- depends_on: {{ function('said_once') }}, {{ function('place_behind') }}, {{ function('place_in_front') }}
-- depends_on: {{ function('spelt_right') }}
{{ twin_of('title_drafts', 'labelled') }}
