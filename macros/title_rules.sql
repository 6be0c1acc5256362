{#- The most characters of a text that is cleaned and looked up. No title is longer, and some of the work grows with the
    square of the length. -#}
{% macro longest_title() %}1000{% endmacro %}

{#- CTEs, to follow `with recursive`, that apply the steps of a part (whole, or rest: what remains once a title's
    segments have been judged) one after the other to a relation with the columns id, title, company and location.
    The last CTE, `cleaned_by_rules`, has one row per id, with its other columns and, in rule_steps, a struct for every
    rule that changed the title: rule_id, title_before, title_after.

    There are two rounds, because what one rule removes can uncover what another looks for; a title that the first
    round leaves unchanged skips the second. They are rounds of a recursion, so that each pattern is in the SQL, and is
    compiled, once. `left_by_rule` determines what remains of a title after each rule. A text that is too long for a
    title has no round. -#}
{% macro titles_cleaned_by_rules(relation, part) %}
{#- dbt determines which functions a model calls before there are any rules. -#}
{%- for name in [
    'entities_read', 'read_as_utf8', 'ordinary_width', 'is_name_of', 'is_part_of', 'said_once', 'place_behind',
    'place_in_front', 'left_by_rule', 'spelt_right'
] -%}
    {%- do function(name) -%}
{%- endfor -%}
rounds as (
    select
        *,
        []::struct(rule_id varchar, title_before varchar, title_after varchar)[] as rule_steps,
        case when length(title) <= {{ longest_title() }} then 0 else 2 end as round_number
    from {{ relation }}

    union all

    (
        with
        cleaned_0 as (
            select
                *,
                title as former_title,
                false as may_be_met,
                '' as found
            from rounds
            where round_number = 0 or (round_number = 1 and len(rule_steps) > 0)
        ),
        {%- set by = namespace(relation='cleaned_0') %}
        {%- for changes in changes_by_rules(part) | batch(4) %}

        cleaned_{{ loop.index }} as (
            {{ changed(by.relation, changes) }}
        ),
        {%- set by.relation = 'cleaned_' ~ loop.index %}
        {%- endfor %}

        done as (
            select * exclude (former_title, may_be_met, found) replace (round_number + 1 as round_number)
            from {{ by.relation }}
        )

        select * from done
    )
),

cleaned_by_rules as (
    select * exclude (round_number)
    from rounds
    where round_number = 2 or (round_number = 1 and len(rule_steps) = 0)
)
{% endmacro %}

{#- A relation with one change after another, each applied to the columns that the previous one left. They are nested,
    because the database looks through every CTE that follows another for each of them, which with 400 took half the
    time of a small job's rules; and in batches, because linters read no more than some forty levels of nesting. -#}
{% macro changed(relation, changes) -%}
    {%- set by = namespace(relation=relation) -%}
    {%- for change in changes -%}
        {%- set by.relation = 'select * replace (' ~ change ~ ') from ' ~ by.relation -%}
        {%- if not loop.last -%}
            {%- set by.relation = '(' ~ by.relation ~ ')' -%}
        {%- endif -%}
    {%- endfor -%}
    {{ by.relation }}
{%- endmacro %}

{#- What the steps of a part change in a title's row, one after the other: whether any step of a group that is tested
    together can match, what a step has to find in the title, the title, and after each rule what remains of it. -#}
{% macro changes_by_rules(part) %}
    {#- The number of steps nested within each other. -#}
    {%- set most_within = 12 -%}
    {%- set changes = [] -%}
    {%- for group in steps_looked_at_together(part) -%}
        {%- set rule_id, is_looked_at = group[0].rule_id, group | length > 1 -%}
        {%- if is_looked_at -%}
            {%- do changes.append(meets('title', '(?:' ~ group | join(')|(?:', 'pattern') ~ ')') ~ ' as may_be_met') -%}
        {%- endif -%}
        {%- set cleaned = namespace(title='title', within=0) -%}
        {%- for step in group -%}
            {%- if found_by(step) -%}
                {%- do changes.append(where_met(is_looked_at, found_by(step), "''") ~ ' as found') -%}
            {%- endif -%}
            {%- set cleaned.title = cleaned_by(step, cleaned.title) -%}
            {%- set cleaned.within = cleaned.within + 1 -%}
            {%- if loop.last or not is_bare(step) or not is_bare(loop.nextitem) or cleaned.within == most_within -%}
                {%- do changes.append(where_met(is_looked_at, cleaned.title, 'title') ~ ' as title') -%}
                {%- set cleaned.title = 'title' -%}
                {%- set cleaned.within = 0 -%}
            {%- endif -%}
        {%- endfor -%}
        {%- if loop.last or loop.nextitem[0].rule_id != rule_id -%}
            {%- do changes.append(function('left_by_rule') ~ '(title, former_title) as title') -%}
            {%- do changes.append(noted_step(rule_id)) -%}
        {%- endif -%}
    {%- endfor -%}
    {{- return(changes) -}}
{% endmacro %}

{#- The new value for a title that the test of its group has not ruled out; `other` for the rest. -#}
{% macro where_met(is_looked_at, made, other) -%}
    {{ 'case when may_be_met then ' ~ made ~ ' else ' ~ other ~ ' end' if is_looked_at else made }}
{%- endmacro %}

{#- After a rule: the title becomes the former title of the next rule, and what the rule has changed is recorded. -#}
{% macro noted_step(rule_id) -%}
    title as former_title,
    case
        when title = former_title then rule_steps
        else list_append(rule_steps, struct_pack(
            rule_id := '{{ rule_id }}', title_before := former_title, title_after := title
        ))
    end as rule_steps
{%- endmacro %}

{#- The steps of a part in order, grouped so that one pattern of theirs all shows whether any can match a title: few
    titles match most rules, and such a test costs as much as one or two steps. At most three steps together for white
    space and marks, which most titles match, and for the open patterns of places and companies; at most two for appeals
    and several terms: with more, RE2 gives up its automaton and takes 20 times as long. One step that begins with up to
    five words of any kind did that to all steps of its rule, which is why it is among the appeals. The steps of four
    other rules are too many for one automaton. A step without a pattern is in a group of its own. -#}
{% macro steps_looked_at_together(part) %}
    {%- set groups = [] -%}
    {%- for step in rules_of('title_rule_steps', 'step') | selectattr('part', 'equalto', part) -%}
        {%- set before = groups | last -%}
        {%- set most = {
            'white_space': 3, 'appeal': 2, 'place_suffix': 3, 'company_suffix': 3, 'several_terms': 2,
            'requirement': 8, 'unit': 9, 'contract': 10, 'hiring_path': 14
        }.get(step.rule_id, 100) -%}
        {%- if
            before and before | length < most and before[0].rule_id == step.rule_id
            and step.pattern and before[0].pattern
        -%}
            {%- do before.append(step) -%}
        {%- else -%}
            {%- do groups.append([step]) -%}
        {%- endif -%}
    {%- endfor -%}
    {{- return(groups) -}}
{% endmacro %}

{#- Whether a pattern matches a text, ignoring case. `regexp_matches` says the same, but has the database compile the
    pattern four times where this takes once, which was half the time of a small job's rules. -#}
{% macro meets(text, pattern) -%}
    regexp_replace({{ text }}, {{ text_literal(pattern) }}, '.\0', 'i') <> {{ text }}
{%- endmacro %}

{#- Whether a step replaces whatever its pattern matches, in any title: such steps are nested, because one more relation
    takes as long to plan as to execute. -#}
{% macro is_bare(step) %}
    {{- return(step.action == 'replace' and not step.unless and not step.company) -}}
{% endmacro %}

{#- What a step has to find in the title before it can be tested, as a column, because a function expands each argument
    as often as it uses it. None for most. -#}
{% macro found_by(step) %}
    {%- if step.action in ['drop_company', 'drop_location'] -%}
        {{- return("regexp_extract(title, " ~ text_literal(step.pattern) ~ ", 1, 'i')") -}}
    {%- elif step.action == 'drop_place' -%}
        {{- return(function('place_behind') ~ '(title, ' ~ in_the_letters_of('title', 'location') ~ ')') -}}
    {%- elif step.action == 'drop_place_in_front' -%}
        {{- return(function('place_in_front') ~ '(title, ' ~ in_the_letters_of('title', 'location') ~ ')') -}}
    {%- elif step.action == 'drop_employer' -%}
        {{- return(function('place_behind') ~ '(title, ' ~ in_the_letters_of('title', 'company') ~ ')') -}}
    {%- endif -%}
    {{- return(none) -}}
{% endmacro %}

{#- A text, in capitals if the title is. -#}
{% macro in_the_letters_of(title, text) -%}
    case when {{ title }} = upper({{ title }}) then upper({{ text }}) else {{ text }} end
{%- endmacro %}

{#- What one step makes of the title; a step that is not bare needs the title as a column. -#}
{% macro cleaned_by(step, title) -%}
    {%- set pattern = text_literal(step.pattern) -%}
    {%- set repairs = ['entities_read', 'read_as_utf8', 'ordinary_width'] -%}
    {#- Not one condition: for an `and` the database tries every order. -#}
    {%- set unless = [] -%}
    {%- if found_by(step) -%}
        {%- do unless.append("found = ''") -%}
    {%- endif -%}
    {%- if step.unless -%}
        {%- do unless.append(meets('title', step.unless)) -%}
    {%- endif -%}
    {%- if step.company -%}
        {%- do unless.append('not ' ~ meets('company', step.company)) -%}
    {%- endif -%}
    {%- if step.action == 'drop_company' -%}
        {%- do unless.append('not ' ~ function('is_name_of') ~ '(found, company)') -%}
    {%- elif step.action == 'drop_location' -%}
        {%- do unless.append('not ' ~ function('is_part_of') ~ '(found, location)') -%}
    {%- endif -%}
    {%- set changed -%}
        {%- if step.action == 'letter_case' -%}
            {{ in_ordinary_letters('title') }}
        {%- elif step.action in repairs -%}
            case when regexp_matches(title, {{ pattern }}) then {{ function(step.action) }}(title{{ entities() if step.action == 'entities_read' }}) else title end
        {%- elif step.action == 'undouble' -%}
            {{ function('said_once') }}(title)
        {%- elif step.action == 'spelt_right' -%}
            {{ with_words_spelt_right('title') }}
        {%- elif step.action == 'drop_place' -%}
            {{ without_place('title', 'found') }}
        {%- elif step.action == 'drop_place_in_front' -%}
            {{ without_place_in_front('title', 'found', pattern) }}
        {%- elif step.action == 'drop_employer' -%}
            {{ without_employer('title', 'found') }}
        {%- else -%}
            regexp_replace({{ title }}, {{ pattern }}, {{ text_literal(step.replacement) }}, 'gi')
        {%- endif -%}
    {%- endset -%}
    {%- if unless -%}
        case when {{ unless | join(' then title when ') }} then title else {{ changed }} end
    {%- else -%}
        {{ changed }}
    {%- endif -%}
{%- endmacro %}

{#- A title with its misspelt words corrected, by the seed `word_meanings`. -#}
{% macro with_words_spelt_right(title) -%}
    {%- set is_misspelt = "role = 'misspelling'" -%}
    {%- set misspelt = words_of('word_meanings', 'word', is_misspelt) -%}
    {%- set spelt = words_of('word_meanings', 'meaning', is_misspelt) -%}
    {#- As `spelt_right` looks them up: plural or not. -#}
    {%- set in_any_number = words_of('word_meanings', "regexp_replace(word, 'y$', '(?:y|ie)')", is_misspelt) -%}
    case
        -- Few titles have a misspelt word.
        when {{ meets(title, '\\b(?:' ~ in_any_number | join('|') ~ ')s?(?:[^a-z]|$)') }}
            then {{ function('spelt_right') }}({{ title }}, {{ text_literals(misspelt) }}, {{ text_literals(spelt) }})
        else {{ title }}
    end
{%- endmacro %}

{#- The names of the entities and their code points, as arguments. -#}
{% macro entities() -%}
    {%- set known = patterns_of('html_entities', 'name') -%}
    , {{ text_literals(known | map(attribute='name')) }}, [{{ known | map(attribute='code_point') | join(', ') }}]
{%- endmacro %}

{#- A title without the row's own place, if that follows its last word, or *in* or *for*: Account Manager Singapore, but
    Head of Germany. -#}
{% macro without_place(title, place) -%}
    {%- set before = standing_before(title, place) -%}
    case
        when
            {{ not_in_titles(place) }}
            and (
                regexp_matches({{ before }}, '\S\s+(?:in|for)$')
                or not regexp_matches({{ before }}, '[\s&][\p{Ll}&]{1,3}$|^\S+$|[^\pL\d)]$')
            )
            then regexp_replace(
                {{ before }},
                '(?:' || {{ phrase_pattern('before_place') }} || '(?:in|for))?(?:\s+(?:' || {{ phrase_pattern('side_of_place') }} || '))?$',
                '',
                'i'
            )
        else {{ title }}
    end
{%- endmacro %}

{#- A title without the row's own place, if the title begins with it and the pattern matches what follows. -#}
{% macro without_place_in_front(title, place, pattern) -%}
    {%- set behind = "regexp_replace(substr(" ~ title ~ ", length(" ~ place ~ ") + 2), '^DC ', '')" -%}
    case
        when
            {{ not_in_titles(place) }}
            and regexp_matches({{ behind }}, {{ pattern }}, 'i')
            then {{ behind }}
        else {{ title }}
    end
{%- endmacro %}

{#- Whether the last word of a row's place is none that titles have: a location can be the name of a department. -#}
{% macro not_in_titles(place) -%}
    lower(regexp_extract({{ place }}, '\S+$')) not in (
        select known.word from {{ ref('title_words') }} as known
    )
{%- endmacro %}

{#- A title without the row's employer, if a name of several words follows its last word: Care Assistant Sunrise Living,
    but Director of Sunrise Living. -#}
{% macro without_employer(title, employer) -%}
    {%- set before = standing_before(title, employer) -%}
    case
        when
            regexp_matches({{ employer }}, '\S[ .]\S')
            and not regexp_matches({{ before }}, '(?:\b(?i:of|and|und|et|y|e|the|de|du|des|da|do|der|van|von|to)|[&+,/@|–—:-])$')
            then regexp_replace({{ before }}, '\s+(?:for|at|with|bij|bei|chez|hos)$', '', 'i')
        else {{ title }}
    end
{%- endmacro %}

{#- What precedes a name at the end of a title. -#}
{% macro standing_before(title, name) -%}
    left({{ title }}, length({{ title }}) - length({{ name }}) - 1)
{%- endmacro %}

{#- One row per id and rule of `flag_rules` that a title of the relation (id, title, has_exact_evidence) matches. -#}
{% macro titles_flagged_by_rules(relation) %}
    {%- for rule in rules_of('flag_rules', 'position') %}
    select
        id,
        {{ rule.position }} as position,
        '{{ rule.rule_id }}' as rule_id,
        '{{ rule.flag }}' as flag
    from {{ relation }}
    where
        {{ meets('title', rule.pattern) }}
        {%- if rule.unless %}
        and not {{ meets('title', rule.unless) }}
        {%- endif %}
        {%- if rule.unless_exact %}
        and not has_exact_evidence
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
