-- depends_on: {{ ref('labelled_segment_cuts') }}, {{ ref('labelled_segment_readings') }}
-- depends_on: {{ ref('labelled_segment_universe') }}, {{ ref('segment_kinds') }}, {{ ref('pattern_phrases') }}
-- depends_on: {{ function('is_employer') }}, {{ function('is_in_location') }}, {{ function('is_initials_of') }}
-- depends_on: {{ function('is_name_of') }}, {{ function('is_part_of') }}, {{ function('names_employer_or_site') }}
-- depends_on: {{ function('town_of') }}
{{ twin_of('judged_segments', 'labelled') }}
