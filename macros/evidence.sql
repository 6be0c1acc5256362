{#- What the evidence calls a title that it does not have, of the seed `title_synonyms`; null where it is silent. -#}
{% macro other_words_for(key) -%}
    {%- set synonyms = rules_of('title_synonyms', 'position') -%}
    case
        -- Most have none: one look at all patterns tells.
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

{#- The source whose codes are a title's occupation_code: that of the var, or of those that are there the
    most trusted. -#}
{% macro taxonomy() -%}
    {%- if var('occupation_taxonomy') -%}
        {{ text_literal(var('occupation_taxonomy')) }}
    {%- else -%}
        (select arg_min(known.source_id, known.trust_rank) from {{ ref('harvest_evidence') }} as known)
    {%- endif -%}
{%- endmacro %}
