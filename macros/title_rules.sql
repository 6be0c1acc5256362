{#- The rows of a seed of patterns, in order; none before it is loaded. Patterns are put into the SQL as
    constants, since the database then compiles each once and not once a row. -#}
{% macro patterns_of(seed, order_by) %}
    {%- if not execute or load_relation(ref(seed)) is none -%}
        {{- return([]) -}}
    {%- endif -%}
    {{- return(run_query('select * from ' ~ ref(seed) ~ ' order by ' ~ order_by).rows | list) -}}
{% endmacro %}

{#- The rows of a seed of patterns as dictionaries, with the phrases put into `pattern` and `unless`. A phrase
    may use those before it. -#}
{% macro rules_of(seed, order_by) %}
    {%- set phrases = patterns_of('pattern_phrases', 'position desc') -%}
    {%- set rules = [] -%}
    {%- for row in patterns_of(seed, order_by) -%}
        {%- set rule = row.dict() -%}
        {%- for phrase in phrases -%}
            {%- for key in ['pattern', 'unless'] if rule[key] -%}
                {%- do rule.update({
                    key: rule[key] | replace('{' ~ phrase.phrase ~ '}', '(?:' ~ phrase.pattern ~ ')')
                }) -%}
            {%- endfor -%}
        {%- endfor -%}
        {%- do rules.append(rule) -%}
    {%- endfor -%}
    {{- return(rules) -}}
{% endmacro %}

{#- CTEs that apply the rules to a relation with the columns id, title, company and location, one after
    the other. The last one, `cleaned_by_rules`, has one row per id with

    clean_title  what is left
    rule_steps   a struct for every rule that changed the title: rule_id, title_before, title_after

    Two rounds are made, since what one rule takes away can uncover what another looks for. A rule that
    would leave no word, or half a pair of brackets, changes nothing. -#}
{% macro titles_cleaned_by_rules(relation) %}
cleaned_0 as (
    select
        id,
        title,
        title as former_title,
        coalesce(company, '') as company,
        coalesce(location, '') as location,
        []::struct(rule_id varchar, title_before varchar, title_after varchar)[] as rule_steps
    from {{ relation }}
),
{%- set number = namespace(last=0) %}
{%- set steps = rules_of('title_rule_steps', 'step') %}
{%- for step in steps + steps %}

cleaned_{{ loop.index }} as (
    select * replace ({{ cleaned_by(step) }} as title) from cleaned_{{ number.last }}
),
{%- set number.last = loop.index %}
{%- if loop.last or loop.nextitem.rule_id != step.rule_id %}

kept_{{ loop.index }} as (
    select
        * replace (
            case
                when not regexp_matches(title, '\pL') then former_title
                when {{ open_brackets('title') }} <> 0 and {{ open_brackets('former_title') }} = 0 then former_title
                else title
            end as title
        )
    from cleaned_{{ loop.index }}
),

cleaned_{{ loop.index }}_by_{{ step.rule_id }} as (
    select
        * replace (
            title as former_title,
            case
                when title = former_title then rule_steps
                else list_append(rule_steps, struct_pack(
                    rule_id := '{{ step.rule_id }}', title_before := former_title, title_after := title
                ))
            end as rule_steps
        )
    from kept_{{ loop.index }}
),
{%- set number.last = loop.index ~ '_by_' ~ step.rule_id %}
{%- endif %}
{%- endfor %}

cleaned_by_rules as (
    select
        id,
        title as clean_title,
        rule_steps
    from cleaned_{{ number.last }}
)
{% endmacro %}

{#- How many brackets are open at the end of a title. -#}
{% macro open_brackets(title) -%}
    (
        length(regexp_replace({{ title }}, '[^(\[]+', '', 'g'))
        - length(regexp_replace({{ title }}, '[^)\]]+', '', 'g'))
    )
{%- endmacro %}

{#- What one step makes of the title. -#}
{% macro cleaned_by(step) -%}
    {%- set pattern = sql_text(step.pattern) -%}
    {%- set found = "regexp_extract(title, " ~ pattern ~ ", 1, 'i')" -%}
    {%- set conditions = [] -%}
    {%- if step.unless -%}
        {%- do conditions.append('not regexp_matches(title, ' ~ sql_text(step.unless) ~ ", 'i')") -%}
    {%- endif -%}
    {%- if step.action == 'drop_company' -%}
        {%- do conditions.append(is_name_of(found, 'company')) -%}
    {%- elif step.action == 'drop_location' -%}
        {%- do conditions.append(is_part_of(found, 'location')) -%}
    {%- endif -%}
    {%- set changed -%}
        {%- if step.action == 'letter_case' -%}
            {{ in_ordinary_letters('title') }}
        {%- else -%}
            regexp_replace(title, {{ pattern }}, {{ sql_text(step.replacement) }}, 'gi')
        {%- endif -%}
    {%- endset -%}
    {%- if conditions -%}
        case when {{ conditions | join(' and ') }} then {{ changed }} else title end
    {%- else -%}
        {{ changed }}
    {%- endif -%}
{%- endmacro %}

{% macro sql_text(text) -%}
    '{{ (text or "") | replace("'", "''") }}'
{%- endmacro %}

{% macro letters_and_digits(text) -%}
    regexp_replace(lower({{ text }}), '[^\pL\pN]+', '', 'g')
{%- endmacro %}

{#- Whether a text is the company's name, which may stand without its last words, or the other way
    round: Soma, or Service Experts for Service Experts LLC. -#}
{% macro is_name_of(found, company) -%}
    (
        length({{ letters_and_digits(found) }}) > 2
        and starts_with({{ letters_and_digits(company) }}, {{ letters_and_digits(found) }})
        and length({{ letters_and_digits(found) }}) >= 0.6 * length({{ letters_and_digits(company) }})
    )
{%- endmacro %}

{#- Whether a text is one of the names in the location. -#}
{% macro is_part_of(found, location) -%}
    (
        length({{ letters_and_digits(found) }}) > 3
        and contains({{ letters_and_digits(location) }}, {{ letters_and_digits(found) }})
    )
{%- endmacro %}

{#- A title in capitals, or in small letters, with a capital at the start of each word. What is written
    in capitals as a rule stays so; so does a title of acronyms alone, or in a script without capitals. -#}
{% macro in_ordinary_letters(title) -%}
    case
        when
            ({{ title }} <> upper({{ title }}) and {{ title }} <> lower({{ title }}))
            or regexp_matches({{ title }}, '^[^\pL]*\pL{1,4}[^\pL]*$|^(?:[^\pL]|\b\pL{1,3}\b)*$|\p{Lo}')
            then {{ title }}
        else regexp_replace(
            array_to_string(
                list_transform(
                    regexp_extract_all({{ title }}, '[\pL\pN''’+#.&]+|[^\pL\pN''’+#.&]+'),
                    lambda word: case
                        when list_contains({{ words_in_capitals() }}, upper(word)) then upper(word)
                        -- No word but an acronym goes without a vowel, or with an ampersand.
                        when regexp_full_match(upper(word), '[B-DF-HJ-NP-TV-XZ]{2,5}|\pL{1,2}&\pL{1,2}')
                            then upper(word)
                        when list_contains({{ words_in_small_letters() }}, lower(word)) then lower(word)
                        else upper(left(word, 1)) || lower(substr(word, 2))
                    end
                ),
                ''
            ),
            '^\pL', upper(left({{ title }}, 1))
        )
    end
{%- endmacro %}

{% macro words_in_capitals() -%}
    [
        'RN', 'LPN', 'LVN', 'CNA', 'CMA', 'NP', 'PA', 'MD', 'PRN', 'ICU', 'ER', 'OR', 'NICU', 'EMT', 'CT', 'MRI',
        'HVAC', 'CDL', 'CNC', 'PLC', 'QA', 'QC', 'IT', 'SQL', 'AWS', 'SAP', 'ERP', 'CRM', 'SEO', 'UX', 'UI', 'AI', 'ML',
        'BI', 'HR', 'PR', 'VP', 'SVP', 'AVP', 'CEO', 'CFO', 'CTO', 'COO', 'CPA', 'SOC', 'SRE', 'IOS', 'C++', 'C#', '.NET',
        'PHP', 'API', 'SAAS', 'B2B', 'R&D', 'OEM', 'GIS', 'CAD', 'EHS', 'FP', 'II', 'III', 'IV', 'VI', 'EMEA', 'APAC',
        'US', 'USA', 'UK', 'EU', 'PMO', 'SDET', 'SDE', 'DBA', 'BIM', 'MERN', 'ICQA', 'ABAP', 'BCBA', 'RBT', 'SLP', 'LCSW', 'LMFT', 'DSP', 'MEP', 'HSE',
        'OTR', 'ESL'
    ]
{%- endmacro %}

{% macro words_in_small_letters() -%}
    ['and', 'of', 'the', 'for', 'in', 'on', 'at', 'to', 'with', 'or', 'a', 'an', 'de', 'und', 'et', 'y', 'e', 'di']
{%- endmacro %}

{#- One row per id and rule of `flag_rules` that a title of the relation (id, title, is_exact) meets. -#}
{% macro titles_flagged_by_rules(relation) %}
    {%- for rule in rules_of('flag_rules', 'position') %}
    select
        id,
        {{ rule.position }} as position,
        '{{ rule.rule_id }}' as rule_id,
        '{{ rule.flag }}' as flag
    from {{ relation }}
    where
        regexp_matches(title, {{ sql_text(rule.pattern) }}, 'i')
        {%- if rule.unless %}
        and not regexp_matches(title, {{ sql_text(rule.unless) }}, 'i')
        {%- endif %}
        {%- if rule.unless_exact %}
        and not is_exact
        {%- endif %}
    union all
    {%- endfor %}
    select
        id,
        0 as position,
        '' as rule_id,
        '' as flag
    from {{ relation }}
    where false
{% endmacro %}
