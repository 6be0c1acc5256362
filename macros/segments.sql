{#- Where a title is cut: brackets, dashes with white space on one side, bars, bullets, commas, colons,
    slashes between blanks. A bracket right behind a word is its other form, as in Consultor(a). -#}
{% macro segment_mark() -%}
    '\s*[)\]]+\s*[-–—|,;:/]*\s*[(\[]+\s*|\s*[-–—|,;:/]*\s+[(\[]+\s*|\s+[-–—|,;:/]+[(\[]+\s*|^[(\[]+\s*|\s*[)\]]+(?:\s*[-–—|,;:/]+\s*|\s+|$)|\s+[-–—]+\s*|[-–—]+\s+|\s*—\s*|\s*[|•·~;@]+\s*|\s*,\s+|\s+/\s*|/\s+|\s*:\s+'
{%- endmacro %}

{#- The kind of a segment by what it looks like, of the seed `segment_kinds`; null where none fits. -#}
{% macro segment_kind(segment, ends_in_work) -%}
    case
        when {{ segment }} = '' then null
        {%- for kind in rules_of('segment_kinds', 'position') if kind.pattern %}
        when
            regexp_full_match({{ segment }}, {{ sql_text(kind.pattern) }}, 'i')
            {%- if kind.unless %}
            and not regexp_full_match({{ segment }}, {{ sql_text(kind.unless) }}, 'i')
            {%- endif %}
            {%- if kind.kind in ['unit', 'elsewhere', 'requirement'] %}
            and not coalesce({{ ends_in_work }}, false)
            {%- endif %}
            then '{{ kind.kind }}'
        {%- endfor %}
    end
{%- endmacro %}

{#- A text without what stands around names of places: based in Paris, Paris area. -#}
{% macro without_words_about_places(key) -%}
    {%- set before = '^(?:based (?:in|at) |in |near |the |greater |(?:north|south|east|west|upper|lower|central|metro|downtown)(?:ern)? )+' -%}
    {%- set behind = '(?:[ -]based| metro(?:politan)?(?: area)?| area| region| county| city(?: center| centre)?| office| territory| only| remote| hq| airport)+$' -%}
    regexp_replace(regexp_replace({{ key }}, {{ sql_text(before) }}, ''), {{ sql_text(behind) }}, '')
{%- endmacro %}

{#- Whether a text is one of the names in the row's location: all of it, or the town with words about it. -#}
{% macro is_in_location(found, location) -%}
    (
        {{ is_part_of(found, location) }}
        or starts_with(lower({{ found }}), nullif(lower(regexp_extract({{ location }}, '^\pL[\pL .-]{3,}')), ''))
        or (regexp_full_match({{ found }}, '[A-Z]{2}') and list_contains(regexp_extract_all({{ location }}, '[A-Z]{2,}'), {{ found }}))
    )
{%- endmacro %}

{#- Whether a text is the row's employer: its name, its first word, or its name with what companies have. -#}
{% macro is_employer(segment, company, is_known) -%}
    (
        {{ is_name_of(segment, company) }}
        or (
            length({{ letters_and_digits(company) }}) > 3
            and {{ letters_and_digits(company) }} = {{ letters_and_digits(
                "regexp_replace(" ~ segment ~ ", '(?i)^the\\s+|\\s+(?:group|inc|llc|ltd|company|co|corp|team)\\.?$', '', 'g')"
            ) }}
        )
        or (
            not {{ is_known }} and length({{ segment }}) > 4
            and lower({{ segment }}) = lower(regexp_extract({{ company }}, '^[\pL\pN]+'))
        )
    )
{%- endmacro %}

{#- Whether what stands before the work names the employer, or is one of its sites. -#}
{% macro names_employer_or_site(segment, company, read) -%}
    (
        (
            length({{ letters_and_digits(company) }}) > 3 and {{ read }}.words <= 3
            and contains({{ letters_and_digits(segment) }}, left({{ letters_and_digits(company) }}, 12))
        )
        or (
            not coalesce({{ read }}.has_work_word, false)
            and regexp_matches(
                {{ segment }}, '(?i)\b(?:clinic|hospital|school|university|college|center|centre|practice|hospice)$'
            )
        )
    )
{%- endmacro %}

{#- The title of the segments up to a place in the order of kinds: what is context falls with its mark. -#}
{% macro title_without_context(texts, marks, dropped_at, up_to) -%}
    {%- set title = namespace(
        sql="array_to_string(list_transform(range(1, len(" ~ texts ~ ") + 1), lambda i: " ~ marks ~ "[i] || case when "
        ~ dropped_at ~ "[i] <= " ~ up_to ~ " then '' else " ~ texts ~ "[i] end), '')"
    ) -%}
    {%- for pattern, replacement in [
        ('\\([-–—|,;:/&+\\s]*\\)|\\[[-–—|,;:/&+\\s]*\\]', ''),
        ('([(\\[])[-–—|,;:/&+\\s]+', '\\1'),
        ('[-–—|,;:/&+\\s]+([)\\]])', '\\1'),
        ('[\\s\\-–—|,;:/•·~@]+([(\\[])', ' \\1'),
        ('(\\s*[|•·~@;:]\\s*|\\s+[-–—/]\\s+|,\\s+)(?:\\s*[-–—|,;:/•·~@]+\\s*)+', '\\1'),
        ('^[\\s\\-–—|,;:/•·~@]+|[\\s\\-–—|,;:/•·~@]+$', ''),
        ('\\s{2,}', ' '),
    ] -%}
        {%- set title.sql = "regexp_replace(" ~ title.sql ~ ", " ~ sql_text(pattern) ~ ", " ~ sql_text(replacement) ~ ", 'g')" -%}
    {%- endfor -%}
    {{ title.sql }}
{%- endmacro %}
