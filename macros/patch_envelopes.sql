{#- Input lines of one kind as patches: the envelope that each holds, or why it holds none. The envelope
    is that of the replay contract, section 3. -#}
{% macro patch_envelopes(input) %}
{%- set texts = ['patch_id', 'title_id', 'author', 'reason'] -%}
{%- set optional_texts = ['evidence_ref', 'created_at'] -%}

with
lines as (
    select
        file,
        line_number,
        text,
        flaw,
        flaw is null and {{ function('is_json') }}(text) as is_json
    from {{ source('inputs', 'lines') }}
    where input = '{{ input }}'
),

objects as (
    select
        *,
        case when is_json and json_type(text) = 'OBJECT' then text end as envelope
    from lines
),

raw_members as (
    select
        *,
        json_extract(envelope, [
            '/patch_seq',
            '/ops',
            {%- for name in texts + optional_texts %}
            '/{{ name }}'{{ "," if not loop.last }}
            {%- endfor %}
        ]) as raw,
        {{ json_digits('envelope', 'title_id') }} as digits
    from objects
)

select
    file,
    line_number,
    text,
    {%- for name in texts + optional_texts %}
    {%- set value = "json_extract_string(raw[" ~ (loop.index + 2) ~ "], '$')" %}
    {{ 'coalesce(digits, ' ~ value ~ ')' if name == 'title_id' else value }} as {{ name }},
    {%- endfor %}
    try_cast(raw[1] as bigint) as patch_seq,
    json_extract(raw[2], '$[*]') as ops,
    case
        when flaw is not null then flaw
        when not is_json then 'not JSON'
        when envelope is null then 'not a JSON object'
        -- That none stands twice is seen from their number, unless there are others.
        when
            len(json_keys(envelope)) <> len(list_filter(raw, lambda member: member is not null))
            and len(json_keys(envelope)) <> len(list_distinct(json_keys(envelope)))
            then 'a key stands twice'
        {%- for name in texts %}
        {%- set value = 'raw[' ~ (loop.index + 2) ~ ']' %}
        when {{ function('is_json_null') }}({{ value }}) then '{{ name }} is missing'
        {%- if name == 'title_id' %}
        when digits is null and not starts_with({{ value }}, '"')
            then '{{ name }} is neither a string nor a whole number of 0 or more'
        {%- else %}
        when not starts_with({{ value }}, '"') then '{{ name }} is not a string'
        {%- endif %}
        when {{ function('is_blank') }}(json_extract_string({{ value }}, '$')) then '{{ name }} is blank'
        {%- endfor %}
        when {{ function('is_json_null') }}(raw[1]) then 'patch_seq is missing'
        when json_type(raw[1]) not in ('UBIGINT', 'BIGINT') and not regexp_matches(raw[1]::varchar, '^[0-9]+$')
            then 'patch_seq is not an integer'
        when coalesce(try_cast(raw[1] as bigint) < 0, regexp_matches(raw[1]::varchar, '^-'))
            then 'patch_seq is negative'
        when try_cast(raw[1] as bigint) is null then 'patch_seq is above 9223372036854775807'
        when {{ function('is_json_null') }}(raw[2]) then 'ops is missing'
        when json_type(raw[2]) <> 'ARRAY' then 'ops is not an array'
        when json_array_length(raw[2]) = 0 then 'ops is empty'
        {%- for name in optional_texts %}
        {%- set value = 'raw[' ~ (loop.index + 2 + texts | length) ~ ']' %}
        when not {{ function('is_json_null') }}({{ value }}) and not starts_with({{ value }}, '"') then '{{ name }} is not a string'
        {%- endfor %}
    end as quarantine_reason
from raw_members
{% endmacro %}
