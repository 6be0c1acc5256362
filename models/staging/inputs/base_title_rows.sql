{%- set columns = {} -%}
{%- for column, member in var('title_row_columns').items() %}{% do columns.update({member: column}) %}{% endfor -%}
{%- set names = [] -%}
{%- for member in title_members() %}{% do names.append(columns.get(member.name, member.name)) %}{% endfor -%}

with
lines as (
    select
        file,
        line_number,
        sha256 as source_row_sha256,
        flaw,
        coalesce(record, text) as row_text,
        flaw is null and {{ function('is_json') }}(coalesce(record, text)) as is_json
    from {{ source('inputs', 'lines') }}
    where input = 'title_rows'
),

objects as (
    select
        *,
        case when is_json and {{ is_object('row_text') }} then row_text end as document
    from lines
),

raw_members as (
    select
        *,
        json_keys(document) as keys,
        json_extract(document, [
            {%- for member in title_members() %}
            {{ member_pointer(names[loop.index0]) }}{{ "," if not loop.last }}
            {%- endfor %}
        ]) as raw,
        case
            when {{ function('has_odd_numbers') }}(document)
                then {{ function('unspell_numbers') }}(
                    {{ without_members(function('spell_numbers') ~ '(document)', names, 's') }}
                )::json
            else {{ without_members('document', names) }}
        end as attributes
    from objects
),

typed as (
    select
        file,
        line_number,
        source_row_sha256,
        {{ json_digits('document', names[0], 'json_type(raw[1])') }} as digits,
        {%- for member in title_members() %}
        {{ member_value(member, 'raw[' ~ loop.index ~ ']') }} as raw_{{ member.name }},
        {%- endfor %}
        attributes,
        case
            when flaw is not null then flaw
            when not is_json then 'not JSON'
            when document is null then 'not a JSON object'
            when len(keys) <> len(list_distinct(keys)) then 'a key stands twice'
            {%- for member in title_members() %}
            {%- set value = 'raw[' ~ loop.index ~ ']' %}
            {%- if member.required %}
            when {{ function('is_json_null') }}({{ value }}) then '{{ member.name }} is missing'
            {%- endif %}
            {%- if member.kind == 'list' %}
            when not {{ function('is_json_null') }}({{ value }}) and not {{ function('is_string_list') }}({{ value }})
                then '{{ member.name }} is not a list of strings'
            {%- elif member.name == 'title_id' %}
            when digits is null and not starts_with({{ value }}, '"')
                then '{{ member.name }} is neither a string nor a whole number of 0 or more'
            {%- else %}
            when not {{ function('is_json_null') }}({{ value }}) and not starts_with({{ value }}, '"')
                then '{{ member.name }} is not a string'
            {%- endif %}
            {%- endfor %}
            when {{ function('is_blank') }}(json_extract_string(raw[1], '$')) then 'title_id is blank'
        end as quarantine_reason
    from raw_members
)

select
    file,
    line_number,
    source_row_sha256,
    {%- for member in title_members() %}
    {%- if member.name == 'title_id' %}
    coalesce(digits, raw_title_id) as title_id,
    {%- elif member.default is defined %}
    coalesce(raw_{{ member.name }}, raw_{{ member.default }}) as {{ member.name }},
    {%- else %}
    raw_{{ member.name }} as {{ member.name }},
    {%- endif %}
    {%- endfor %}
    attributes,
    quarantine_reason
from typed
