{#- What the evidence calls a title that it does not list, according to the seed `title_synonyms`; null where the seed
    has nothing. -#}
{% macro other_words_for(key) -%}
    {%- set synonyms = rules_of('title_synonyms', 'position') -%}
    case
        -- Most keys have none: one search for all patterns shows it.
        when not regexp_full_match({{ key }}, {{ text_literal('(?:' ~ synonyms | join(')|(?:', 'pattern') ~ ')') }}) then null
        {%- for synonym in synonyms %}
        when
            regexp_full_match({{ key }}, {{ text_literal(synonym.pattern) }})
            {%- if synonym.unless %}
            and not regexp_full_match({{ key }}, {{ text_literal(synonym.unless) }})
            {%- endif %}
            then {{ text_literal(synonym.looked_up) }}
        {%- endfor %}
    end
{%- endmacro %}

{#- Letters of Chinese, Japanese and Korean. -#}
{% macro unspaced_letters() -%}
    '[\p{Han}\p{Hiragana}\p{Katakana}\p{Hangul}]'
{%- endmacro %}

{#- The source whose codes are a title's occupation_code: the one named by the var or, without it, the most trusted one
    present. -#}
{% macro taxonomy() -%}
    {%- if var('occupation_taxonomy') -%}
        {{ text_literal(var('occupation_taxonomy')) }}
    {%- else -%}
        (select arg_min(known.source_id, known.trust_rank) from {{ ref('harvest_evidence') }} as known)
    {%- endif -%}
{%- endmacro %}
