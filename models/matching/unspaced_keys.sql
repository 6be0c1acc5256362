-- Chinese and Japanese put no blank between words, nor next to English ones: the longest that is known is one.
-- depends_on: {{ ref('word_meanings') }}
{#- What phrases with blanks are made of comes after what is known without: it is shorter than they are. -#}
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
