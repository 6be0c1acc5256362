{{ config(meta={'compression': 'said'}) }}

{%- set names, places = [], [] -%}
{%- for member in title_members() -%}
{%- set name = row_column(member.name) -%}
{%- do names.append(name) -%}
{%- do places.append(member_pointer(name)) -%}
{%- endfor %}

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

read_members as (
    select
        *,
        json_keys(document) as keys,
        json_type(document, [{{ places | join(', ') }}]) as kinds,
        json_extract_string(document, [{{ places | join(', ') }}]) as texts,
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
        {{ json_digits('document', names[0], 'kinds[1]') }} as digits,
        {%- for member in title_members() %}
        {%- if member.kind == 'list' %}
        coalesce(
            json_extract_string(
                case when kinds[{{ loop.index }}] = 'ARRAY' then texts[{{ loop.index }}] end, '$[*]'
            ),
            []
        ) as raw_{{ member.name }},
        {%- else %}
        texts[{{ loop.index }}] as raw_{{ member.name }},
        {%- endif %}
        {%- endfor %}
        attributes,
        case
            when flaw is not null then flaw
            when not is_json then 'not JSON'
            when document is null then 'not a JSON object'
            when {{ function('has_repeats') }}(keys) then 'a key stands twice'
            {%- for member in title_members() %}
            {%- set text, kind = 'texts[' ~ loop.index ~ ']', 'kinds[' ~ loop.index ~ ']' %}
            {%- if member.required %}
            when coalesce({{ kind }}, 'NULL') = 'NULL' then '{{ member.name }} is missing'
            {%- endif %}
            {%- if member.kind == 'list' %}
            when
                case {{ kind }}
                    when 'ARRAY' then not {{ function('is_string_list') }}({{ text }})
                    else {{ kind }} <> 'NULL'
                end
                then '{{ member.name }} is not a list of strings'
            {%- elif member.name == 'title_id' %}
            when digits is null and {{ kind }} <> 'VARCHAR'
                then '{{ member.name }} is neither a string nor a whole number of 0 or more'
            {%- else %}
            when {{ kind }} not in ('VARCHAR', 'NULL') then '{{ member.name }} is not a string'
            {%- endif %}
            {%- endfor %}
            when {{ function('is_blank') }}(texts[1]) then 'title_id is blank'
        end as quarantine_reason
    from read_members
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
