{%- set columns = {} -%}
{%- for column, member in var('title_row_columns').items() -%}
    {%- do columns.update({member: column}) -%}
{%- endfor -%}

with
lines as (
    select
        file,
        line_number,
        text,
        sha256 as source_row_sha256,
        is_utf8,
        case when is_utf8 then {{ hold_numbers('text', 'sha256') }} end as held
    from {{ source('inputs', 'lines') }}
    where input = 'title_rows'
),

judged_lines as (
    select
        *,
        coalesce({{ is_json('held') }}, false) as is_json
    from lines
),

objects as (
    select
        * exclude (held),
        case when is_json and json_type(held) = 'OBJECT' then held end as document
    from judged_lines
),

raw_members as (
    select
        *,
        json_extract(document, [
            {%- for member in title_members() %}
            {{ member_pointer(columns.get(member.name, member.name)) }}{{ "," if not loop.last }}
            {%- endfor %}
        ]) as raw,
        json_merge_patch(
            document,
            json_object(
                {%- for member in title_members() %}
                '{{ columns.get(member.name, member.name) | replace("'", "''") }}', null{{ "," if not loop.last }}
                {%- endfor %}
            )
        ) as passed_through
    from objects
),

typed as (
    select
        file,
        line_number,
        text,
        source_row_sha256,
        {%- for member in title_members() %}
        {{ (json_texts if member.kind == 'list' else json_text)('raw[' ~ loop.index ~ ']') }} as raw_{{ member.name }},
        {%- endfor %}
        {{ restore_numbers('passed_through', 'source_row_sha256') }}::json as attributes,
        case
            when not is_utf8 then 'not UTF-8'
            when not is_json then 'not JSON'
            when document is null then 'not a JSON object'
            when {{ repeats_a_key('document') }} then 'a key stands twice'
            {%- for member in title_members() %}
            {%- set value = 'raw[' ~ loop.index ~ ']' %}
            {%- if member.required %}
            when {{ is_json_null(value) }} then '{{ member.name }} is missing'
            {%- endif %}
            {%- if member.kind == 'list' %}
            when not {{ is_json_null(value) }} and not {{ is_string_list(value) }}
                then '{{ member.name }} is not a list of strings'
            {%- else %}
            when not {{ is_json_null(value) }} and json_type({{ value }}) <> 'VARCHAR'
                then '{{ member.name }} is not a string'
            {%- endif %}
            {%- endfor %}
            when {{ is_blank(json_text('raw[1]')) }} then 'title_id is blank'
        end as quarantine_reason
    from raw_members
)

select
    file,
    line_number,
    text,
    source_row_sha256,
    {%- for member in title_members() %}
    {%- if member.default is defined %}
    coalesce(raw_{{ member.name }}, raw_{{ member.default }}) as {{ member.name }},
    {%- else %}
    raw_{{ member.name }} as {{ member.name }},
    {%- endif %}
    {%- endfor %}
    attributes,
    quarantine_reason
from typed
