{#- The key under which titles are the same: two titles that differ in nothing that a reader would call
    another job have the same one. In this order:

    an acronym in parentheses at the end goes          Chief Executive Officer (CEO)
    lower case, without accents                        Maître d'hôtel, maitre d'hotel
    C++, C# and .NET stay words                        C++ Developer, not C Developer
    what stands behind the only comma comes first      Supervisor, Fitting: fitting supervisor
    & is and, an apostrophe goes, other punctuation is white space
    plurals become singular, word by word              Nurses, Secretaries, Foremen

    A word that the last step spoils, it spoils on both sides. -#}
{% macro match_key(title) -%}
    {%- set key = namespace(
        sql="lower(strip_accents(regexp_replace(" ~ title ~ ", '\\s*\\([A-Z]{2,6}s?\\)\\s*$', '')))"
    ) -%}
    {%- for pattern, replacement in [
        ('\\bc\\+\\+', 'cplusplus'),
        ('\\bc#', 'csharp'),
        ('\\.net\\b', ' dotnet'),
        ('^([^,]+),\\s*([^,]+)$', '\\2 \\1'),
        ('&', ' and '),
        ("[''’`]s?\\b|[''’`]", ''),
        ('[^\\pL\\pN]+', ' '),
        ('\\b([a-z]*)men\\b', '\\1man'),
        ('\\b([a-z]{2,})ies\\b', '\\1y'),
        ('\\b([a-z]*(?:ss|x|ch|sh|zz))es\\b', '\\1'),
        ('\\b([a-z]+[^\\W\\d_siu])s\\b', '\\1'),
    ] -%}
        {%- set key.sql = "regexp_replace(" ~ key.sql ~ ", '" ~ pattern ~ "', '" ~ replacement ~ "', 'g')" -%}
    {%- endfor -%}
    trim({{ key.sql }})
{%- endmacro %}

{#- The key without the words that stand for a grade, before or after the title. -#}
{% macro ungraded_key(key) -%}
    regexp_replace(
        regexp_replace(
            {{ key }},
            '^(?:(?:senior|sr|junior|jr|lead|principal|staff|experienced|(?:entry|mid|senior) level|mid|associate) )+',
            ''
        ),
        '(?: (?:i|ii|iii|iv|v|[1-5]|level [1-5]|trainee|apprentice|lead|senior|junior|entry level|intern))+$',
        ''
    )
{%- endmacro %}

{#- The key under which titles of one occupation are nearly the same: without grades and small words, in any
    order. -#}
{% macro near_key(key) -%}
    array_to_string(
        list_sort(list_distinct(list_filter(
            string_split({{ ungraded_key(key) }}, ' '),
            lambda w: not list_contains(['and', 'or', 'of', 'the', 'for', 'in'], w)
        ))),
        ' '
    )
{%- endmacro %}

{#- A title as a key that a source without codes of its own can have: general-office-clerks. -#}
{% macro slug(title) -%}
    trim(regexp_replace(lower({{ title }}), '[^a-z0-9]+', '-', 'g'), '-')
{%- endmacro %}

{#- How strong an evidence title of the kind is, 1 the strongest. -#}
{% macro kind_position(kind) -%}
    list_position(['preferred', 'alternate', 'reported'], {{ kind }})
{%- endmacro %}

{#- The words of a key that another has too, or, negated, has not; in their order. -#}
{% macro words_in(key, other, negated=false) -%}
    list_filter(
        string_split({{ key }}, ' '),
        lambda w: {{ "not " if negated }}contains(' ' || {{ other }} || ' ', ' ' || w || ' ')
    )
{%- endmacro %}

{#- What of a key speaks for an occupation: its words, the pairs of words that stand together or with one
    between, and its last word as the last, which names the work. -#}
{% macro phrases_in(key) -%}
    {%- set words = "string_split(" ~ key ~ ", ' ')" -%}
    list_distinct(
        {{ words }}
        || flatten(list_transform(
            range(1, len({{ words }})),
            lambda i: list_transform({{ words }}[i + 1:i + 2], lambda word: {{ words }}[i] || ' ' || word)
        ))
        || ['* ' || {{ words }}[-1]]
    )
{%- endmacro %}

{#- How much a phrase says for an occupation that has it in some titles of all that have it: as much as it
    tells, times the root of the share, which two titles more make cautious. -#}
{% macro voice(weight, titles, phrase_titles) -%}
    round({{ weight }} * sqrt(({{ titles }}) / ({{ phrase_titles }} + 2)))::bigint
{%- endmacro %}

{#- How far two lists of distinct words agree: twice what they share by what they have (Dice), from 0 to 1. -#}
{% macro dice(words, others) -%}
    2.0 * len(list_intersect({{ words }}, {{ others }})) / (len({{ words }}) + len({{ others }}))
{%- endmacro %}

{#- The same of the words of two keys. -#}
{% macro agreement(key, other) -%}
    round({{ dice(
        "list_distinct(string_split(" ~ key ~ ", ' '))", "list_distinct(string_split(" ~ other ~ ", ' '))"
    ) }}, 4)
{%- endmacro %}
