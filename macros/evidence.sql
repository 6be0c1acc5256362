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

{#- Whether a key says that somebody leads. -#}
{% macro has_rank(key) -%}
    regexp_matches(
        {{ key }},
        '\b(?:manager|director|head|vp|svp|evp|avp|rvp|president|chief|supervisor|superintendent|officer|lead|leader)\b'
    )
    and not regexp_matches({{ key }}, '\b(?:intern|internship|trainee|apprentice|student|graduate|placement)\b')
{%- endmacro %}

{#- How high a key's rank is: 2 for a director or a vice president, 1 for a manager, but not for one of cases or
    accounts, which is the work itself; 0 for who assists one. -#}
{% macro rank_of(key) -%}
    case
        when contains({{ key }}, ' to ') then 0
        when
            regexp_matches(
                {{ key }},
                '\b(?:director|vp|svp|evp|avp|rvp|president)$|'
                || '^(?:(?:senior|associate|assistant|executive|group|global|regional|deputy|managing) )*'
                || '(?:director|head of|vice president|vp|svp|evp|avp|rvp) '
            )
            then 2
        when regexp_matches({{ key }}, '(?:case|account) manager$') then 0
        when regexp_matches({{ key }}, '\b(?:manager|supervisor|superintendent)$') then 1
        else 0
    end
{%- endmacro %}

{#- Whether a key says the rank and not the work. -#}
{% macro is_rank(key) -%}
    regexp_full_match(
        {{ key }},
        '(?:(?:senior|associate|assistant|executive|group|global|regional|deputy|managing|area|team) )*'
        || '(?:director|vice president|vp|svp|evp|avp|head|chief|manager|lead|leader|president)'
    )
{%- endmacro %}

{#- The key of a director or head of some work as that of its manager. -#}
{% macro as_manager(key) -%}
    regexp_replace(
        regexp_replace(
            {{ key }},
            '^(?:(?:.* )?(?:director|head|vice president|vp|svp|evp|avp|manager) of (.+)'
            || '|(?:director|head|vice president|vp|svp|evp|avp|manager) (.+)'
            || '|(.+?) (?:senior |associate |executive |managing |deputy )?'
            || '(?:director|vice president|vp|svp|evp|avp|head|senior manager))$',
            '\1\2\3 manager'
        ),
        '^(?:(?:senior|associate|assistant|executive|group|global|regional|deputy|managing) )+|management (manager$)',
        '\1',
        'g'
    )
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
