-- depends_on: {{ ref('labelled_judged_segments') }}, {{ ref('common_titles') }}, {{ function('town_of') }}
{{ twin_of('employer_sites', 'labelled') }}
