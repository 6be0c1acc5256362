{#- The rows of a seed of patterns, as dictionaries, in order; none before the seed is loaded, or in a unit test, where it
    is a CTE. This is all that is queried while SQL is generated: anything else is left to joins and functions. Patterns
    are put into the SQL as constants, because the database then compiles each pattern once and not once per row: joined
    with the 13 noise classes, 1,200 titles take 3.3 s and 20,000 more than 100 s; with constants, 0.02 s and 0.1 s. The
    order of rules is that of the CTEs. Words and entities are used in lambdas, which cannot contain a query. -#}
{% macro patterns_of(seed, order_by) %}
    {%- if not execute or ref(seed).is_cte or load_relation(ref(seed)) is none -%}
        {{- return([]) -}}
    {%- endif -%}
    {#- As a single text, since dbt processes each value of a result. -#}
    {{- return(fromjson(run_query(
        "select coalesce(to_json(list(line order by " ~ order_by ~ ")), '[]') from " ~ ref(seed) ~ ' as line'
    ).columns[0][0])) -}}
{% endmacro %}

{#- The same rows, with the phrases expanded in `pattern`, `unless` and `unless_behind`. A phrase may use those before
    it. Done in SQL, because Jinja takes a second for what the database does in a hundredth. -#}
{% macro rules_of(seed, order_by) %}
    {%- if not execute or load_relation(ref(seed)) is none -%}
        {{- return([]) -}}
    {%- endif -%}
    {%- set patterns = "'pattern', 'unless', 'unless_behind'" -%}
    {%- set in_full -%}
        list_reduce(
            list_prepend([columns(lambda name: name in ({{ patterns }}))], phrases),
            lambda said, phrase: [replace(said[1], phrase[1], phrase[2])]
        )[1]
    {%- endset -%}
    {%- set query -%}
        select coalesce(to_json(list(rules order by {{ order_by }})), '[]')
        from (
            select
                columns(lambda name: name not in ({{ patterns }}, 'phrases')),
                {{ with_letters_in_short(in_full) }} as '\0'
            from {{ ref(seed) }}
            cross join (
                select list(['{' || phrase || '}', '(?:' || pattern || ')'] order by position desc) as phrases
                from {{ ref('pattern_phrases') }}
            )
        ) as rules
    {%- endset -%}
    {{- return(fromjson(run_query(query).columns[0][0])) -}}
{% endmacro %}

{#- The letters, for use within brackets: `\pL`, apart from differences in marks and digits of scripts that have their
    own, and in symbols made of letters. RE2 assembles the 650 ranges of `\pL` again wherever it occurs: 400 times in
    the rules, a third of the time of a small job's stage, and also in functions that many models and rules call. -#}
{% macro letters() -%}
    A-Za-z\x{AA}\x{B5}\x{BA}\x{C0}-\x{D6}\x{D8}-\x{F6}\x{F8}-\x{2C1}\x{370}-\x{37D}\x{37F}-\x{481}\x{48A}-\x{588}\x{5D0}-\x{5F2}\x{620}-\x{65F}\x{66E}-\x{6D3}\x{6D5}-\x{1FFC}\x{2C00}-\x{2DDE}\x{3005}\x{3006}\x{3041}-\x{309F}\x{30A1}-\x{30FA}\x{30FC}-\x{D7FF}\x{F900}-\x{FDFB}\x{FE70}-\x{FEFC}\x{FF21}-\x{FF3A}\x{FF41}-\x{FF5A}\x{FF66}-\x{FFDC}\x{10000}-\x{1EFFF}\x{20000}-\x{3FFFF}
{%- endmacro %}

{#- The SQL of a pattern with `letters` in place of `\pL`, piece by piece: a bracket expression is one piece. -#}
{% macro with_letters_in_short(pattern) -%}
    array_to_string(
        list_transform(
            regexp_extract_all({{ pattern }}, '\\pL|\[\^?\]?(?:\\.|[^\]\\])*\]|\\.|[^\\\[]+|.'),
            lambda piece: if(piece = '\pL', '[{{ letters() }}]', replace(piece, '\pL', '{{ letters() }}'))
        ),
        ''
    )
{%- endmacro %}

{#- The pattern of a phrase that refers to no other phrase. -#}
{% macro phrase_pattern(phrase) -%}
    {%- if not execute or load_relation(ref('pattern_phrases')) is none -%}
        {{- return("''") -}}
    {%- endif -%}
    {{- text_literal(run_query(
        'select ' ~ with_letters_in_short('any_value(pattern)') ~ ' from ' ~ ref('pattern_phrases')
        ~ ' where phrase = ' ~ text_literal(phrase)
    ).columns[0][0]) -}}
{%- endmacro %}

{#- The values of one column of a seed, for the rows that meet a condition. -#}
{% macro words_of(seed, column, condition, order_by='word') %}
    {%- if not execute or load_relation(ref(seed)) is none -%}
        {{- return([]) -}}
    {%- endif -%}
    {#- As a single text, see `patterns_of`. -#}
    {{- return(run_query(
        "select coalesce(string_agg(" ~ column ~ ", ' ' order by " ~ order_by ~ "), '') from " ~ ref(seed)
        ~ ' where ' ~ condition
    ).columns[0][0].split()) -}}
{% endmacro %}
