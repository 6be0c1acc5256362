{#- The logarithm of the odds that a person would accept a match: a logistic regression, whose weights by
    feature, see `match_weights`, `scripts/fit_match_score.py` has found, over features as SQL by name:

    listed           1 where the Handbook has the title, its grade or second title apart; all others are then 0
    reworded         1 where other words for the title met, see `title_synonyms`; all others are then 0
    handbook         1 for the Handbook
    graded, compound, headed, managed, ended, near   the way, 1 for the one that met
    several          ln of how many occupations of the source have the evidence title
    covered          the share of the title's words, weighted by rarity, that the evidence title has
    missed           the share of a near evidence title's words that the title has not: the likeness is the
                     harmonic mean of what either shares
    named            how far the evidence title has the words of the occupation's own name (Dice)
    vote             the root of how far its phrases, by all other titles of the source, speak for the occupation
    margin           by how much they speak more for it than for the next best, or, below 0, less than for the best
    own_name         1 where the evidence title is the occupation's own name, and the title no more than graded
    weaker           1 for another title than the occupation's own
    usual            1 for the occupation, of several that have the title, that is commonly meant, see `common_titles`
    common           1 for one that no source lists, see `common_titles`, met as such
    agreed           how far another source's name of the occupation has the same words (Dice), 0 without one
    alone            1 where there are other sources, and none has the title

    `match_score` makes a share of it. -#}
{% macro match_odds(features, weights) -%}
    {{ weights }}['constant']
    {%- for name, feature in features.items() %}
    + {{ weights }}['{{ name }}'] * {{ feature }}
    {%- endfor -%}
{%- endmacro %}

{#- The weights of the seed: read out of a struct at once, where a map is searched for each of them and each row. -#}
{% macro match_weights(features) -%}
    struct_pack(
        {%- for name in ['constant'] + features | list + ['knee', 'rise'] %}
        {{ name }} := any_value(coefficient) filter (feature = '{{ name }}'){{ "," if not loop.last }}
        {%- endfor %}
    )
{%- endmacro %}

{% macro match_features() -%}
    {%- set listed = "(source_id = 'bls_ooh' and way <= 3)::int" -%}
    {%- set reworded = '(way = 5)::int' -%}
    {%- set features = {'listed': listed, 'reworded': reworded} -%}
    {%- for name, sql in {
        'handbook': "(source_id = 'bls_ooh')::int",
        'graded': '(way = 2)::int',
        'compound': '(way = 3)::int',
        'headed': '(way = 4 or way between 50 and 98)::int',
        'managed': '(way = 6)::int',
        'ended': '(way between 7 and 49)::int',
        'near': '(way = 99)::int',
        'several': 'ln(occupations)',
        'covered': 'covered',
        'missed': 'coalesce(1 - likeness * covered / (2 * covered - likeness), 0)',
        'named': 'named',
        'vote': 'sqrt(vote)',
        'margin': 'margin',
        'own_name': '(kind_position = 1 and way <= 2)::int',
        'weaker': '(kind_position > 1)::int',
        'usual': '(is_usual and occupations > 1)::int',
        'common': '(kind_position = 4 and way <> 99)::int',
        'agreed': 'agreed',
        'alone': 'is_alone::int',
    }.items() -%}
        {%- do features.update({name: '(1 - ' ~ listed ~ ') * (1 - ' ~ reworded ~ ') * (' ~ sql ~ ')'}) -%}
    {%- endfor -%}
    {{- return(features) -}}
{%- endmacro %}

{#- What tells how likely a guess is right, see `occupation_guesses`:

    vote             the root of how far the title's phrases speak for the occupation
    overranked       1 where the occupation is of managers and the title says no such rank
    speakers         ln of how many other titles speak for the first, and 1
    titles           ln of how many titles of the occupation are known
    common           ln of how many of them are in common use alone, and 1: how common the occupation is
    named            how far the title has the words of the occupation's name (Dice)
    covered          the share of the title's words, weighted by rarity, that titles of the occupation have
    telling          the root of the largest share that the occupation has of the titles with one of the words
    words            ln of how many words the title has
    found            how likely a match of the title is that was looked up and says too little by itself -#}
{% macro guess_features() -%}
    {{- return({
        'vote': 'sqrt(vote)',
        'overranked': 'is_overranked::int',
        'speakers': 'ln(1 + speakers)',
        'titles': 'ln(titles)',
        'common': 'ln(1 + common_titles)',
        'named': 'named',
        'covered': 'covered',
        'telling': 'sqrt(telling)',
        'words': 'ln(words)',
        'found': 'found',
    }) -}}
{%- endmacro %}

{#- Features as the seeds of what was judged have them. -#}
{% macro feature_columns(features) -%}
    {%- set columns = {} -%}
    {%- for name in features -%}{%- do columns.update({name: name}) -%}{%- endfor -%}
    {{- return(columns) -}}
{%- endmacro %}
