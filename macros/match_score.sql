{#- The logarithm of the odds that a person would accept a match: a logistic regression with a weight per feature (see
    `match_weights`), fitted by `scripts/fit_match_score.py`. The features, by name, are SQL expressions:

    listed           1 where the Handbook has the title, ignoring its grade or second title; all others are then 0
    reworded         1 where other words for the title matched, see `title_synonyms`; all others are then 0
    handbook         1 for the Handbook
    graded, compound, headed, managed, ended, near   the way: 1 for the one that matched
    several          ln of the number of occupations of the source that have the evidence title
    covered          the share of the title's words, weighted by rarity, that the evidence title has
    missed           the share of a near evidence title's words that the title lacks: the likeness is the
                     harmonic mean of the shares that the two have in common
    named            how far the evidence title agrees with the words of the occupation's own name (Dice)
    vote             the root of how far the title's phrases, judged by all other titles of the source, speak for the
                     occupation
    margin           by how much they speak for it more than for the next best or, below 0, less than for the best
    own_name         1 where the evidence title is the occupation's own name, and the title differs by a grade at most
    weaker           1 for an evidence title that is not the occupation's own name
    usual            1 where several occupations have the title and this is the one commonly meant, see `common_titles`
    common           1 for an evidence title that no source lists, from `common_titles`, unless it is only near
    agreed           how far the name of the occupation in another source has the same words (Dice); 0 without one
    alone            1 where there are other sources and none of them has the title

    `match_score` turns it into a probability. -#}
{% macro match_odds(features, weights) -%}
    {{ weights }}['constant']
    {%- for name, feature in features.items() %}
    + {{ weights }}['{{ name }}'] * {{ feature }}
    {%- endfor -%}
{%- endmacro %}

{#- The weights of the seed, as a struct that is read in one go: a map would be searched for each weight and each row.
    -#}
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

{#- The features from which the likelihood that a guess is right is computed, see `occupation_guesses`:

    vote             the root of how far the title's phrases speak for the occupation
    overranked       1 where the occupation is one of managers and the title has no such rank
    speakers         ln of 1 plus the number of other titles that speak for the first occupation
    titles           ln of the number of known titles of the occupation
    common           ln of 1 plus the number of these in common use only: how common the occupation is
    named            how far the title agrees with the words of the occupation's name (Dice)
    covered          the share of the title's words, weighted by rarity, that titles of the occupation have
    telling          the root of the largest share that the occupation has of the titles with any one of the words
    words            ln of the number of words in the title
    found            the score of a match of the title that was looked up and is too unlikely by itself -#}
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

{#- The features under the names that they have in the seeds of judged matches and guesses. -#}
{% macro feature_columns(features) -%}
    {%- set columns = {} -%}
    {%- for name in features -%}{%- do columns.update({name: name}) -%}{%- endfor -%}
    {{- return(columns) -}}
{%- endmacro %}
