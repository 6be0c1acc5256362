{#- How likely a match is one that a person would accept, from 0 to 1: a logistic regression, whose
    coefficients `scripts/fit_match_score.py` has found, over

    listed           1 where the Handbook has the title, its grade or second title apart; all others are then 0
    handbook         1 for the Handbook
    graded, compound, headed, ended, near   the way, 1 for the one that met
    several          ln of how many occupations of the source have the evidence title
    covered          the share of the title's words, weighted by rarity, that the evidence title has
    vote             the root of how far the words, by all other titles of the source, speak for the occupation
    vote_share       its share of the votes of all candidates of the source
    weaker           1 for an alternate or reported title, 0 for the occupation's own
    agreed           how far another source's name of the occupation has the same words (Dice), 0 without one
    alone            1 where there are other sources, and none has the title -#}
{% macro match_score() -%}
    {%- set terms = ['0.0'] -%}
    {%- set features = match_features() -%}
    {%- for row in patterns_of('match_coefficients', 'feature') -%}
        {%- do terms.append('(' ~ row.coefficient ~ ') * ' ~ features[row.feature]) -%}
    {%- endfor -%}
    1 / (1 + exp(-({{ terms | join(' + ') }})))
{%- endmacro %}

{% macro match_features() -%}
    {%- set listed = "(source_id = 'bls_ooh' and way <= 3)::int" -%}
    {%- set features = {'constant': '1', 'listed': listed} -%}
    {%- for name, sql in {
        'handbook': "(source_id = 'bls_ooh')::int",
        'graded': '(way = 2)::int',
        'compound': '(way = 3)::int',
        'headed': '(way = 4)::int',
        'ended': '(way between 5 and 98)::int',
        'near': '(way = 99)::int',
        'several': 'ln(occupations)',
        'covered': 'covered',
        'vote': 'sqrt(vote)',
        'vote_share': 'vote_share',
        'weaker': '(kind_position > 1)::int',
        'agreed': 'agreed',
        'alone': 'is_alone::int',
    }.items() -%}
        {%- do features.update({name: '(1 - ' ~ listed ~ ') * ' ~ sql}) -%}
    {%- endfor -%}
    {{- return(features) -}}
{%- endmacro %}

{#- The source whose codes are a title's occupation_code: that of the var, or of those that are there the
    most trusted. -#}
{% macro taxonomy() -%}
    {%- if var('occupation_taxonomy') -%}
        '{{ var('occupation_taxonomy') }}'
    {%- else -%}
        (select arg_min(known.source_id, known.trust_rank) from {{ ref('harvest_evidence') }} as known)
    {%- endif -%}
{%- endmacro %}
