-- Chinese and Japanese put no space between words, nor next to English ones: the longest known word is taken as one.
-- depends_on: {{ ref('word_meanings') }}
{#- The words of phrases with spaces come last: they would be sorted by their phrase's length, and each is shorter. -#}
{%- set words = [] -%}
{%- for with_blanks in ['not ', ''] -%}
    {%- do words.extend(words_of(
        'word_meanings', 'word', "language = 'zh ja ko' and " ~ with_blanks ~ "contains(word, ' ')", 'length(word) desc, word'
    )) -%}
{%- endfor %}
with
said as (
    select unnest([match_key, head_key, field_key]) as unspaced_key
    from {{ ref('title_parts') }}
)

select distinct
    unspaced_key,
    string_split_regex(
        trim(regexp_replace(unspaced_key, {{ text_literal('(' ~ words | join('|') ~ ')') }}, ' \1 ', 'g')), ' +'
    ) as words
from said
where regexp_matches(unspaced_key, {{ unspaced_letters() }})
