-- depends_on: {{ ref('title_rule_steps') }}, {{ ref('pattern_phrases') }}, {{ ref('title_words') }}
-- depends_on: {{ ref('html_entities') }}, {{ ref('labelled_title_segments') }}, {{ ref('labelled_title_drafts') }}
-- depends_on: {{ ref('segment_kinds') }}
-- depends_on: {{ function('entities_read') }}, {{ function('is_name_of') }}, {{ function('is_part_of') }}
-- depends_on: {{ function('left_by_rule') }}, {{ function('ordinary_width') }}, {{ function('read_as_utf8') }}
-- depends_on: {{ function('said_once') }}, {{ function('title_without_context') }}, {{ function('place_behind') }}
-- depends_on: {{ function('place_in_front') }}, {{ function('spelt_right') }}
{{ twin_of('cleaned_titles', 'labelled') }}
