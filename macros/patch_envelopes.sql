{#- The possible outcomes of a patch, in the order of the summary; a test compares Python's `OUTCOMES` with this list.
    -#}
{% macro outcomes() %}
    {{- return(['applied', 'noop', 'rejected', 'duplicate', 'orphaned']) -}}
{% endmacro %}

{#- Input lines of one kind as patches: the envelope that each line contains, or why it contains none.
    `models/reference.md` defines the envelope under "Patches". -#}
{% macro patch_envelopes(input) %}
{%- set texts = ['patch_id', 'title_id', 'author', 'reason'] -%}
{%- set optional_texts = ['evidence_ref', 'created_at'] -%}
{%- set names = ['patch_seq', 'ops'] + texts + optional_texts -%}

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
        case when is_json and {{ is_object('text') }} then text end as envelope
    from lines
),

read_members as (
    select
        *,
        -- A null member and an absent one are the same in an envelope.
        json_transform(
            envelope,
            '{"patch_seq": "JSON"
            {%- for name in texts + optional_texts %}, "{{ name }}": "VARCHAR"{% endfor %}}'
        ) as members,
        json_keys(envelope) as keys,
        json_extract(envelope, '$.ops[*]') as ops,
        json_type(envelope, [
            {%- for name in names %}
            '/{{ name }}'{{ "," if not loop.last }}
            {%- endfor %}
        ]) as types,
        {{ json_digits('envelope', 'title_id', 'types[' ~ (names.index('title_id') + 1) ~ ']') }} as digits
    from objects
)

select
    file,
    line_number,
    text,
    {%- for name in texts + optional_texts %}
    {{ 'coalesce(digits, members.title_id)' if name == 'title_id' else 'members.' ~ name }} as {{ name }},
    {%- endfor %}
    try_cast(members.patch_seq as bigint) as patch_seq,
    ops,
    case
        when flaw is not null then flaw
        when not is_json then 'not JSON'
        when envelope is null then 'not a JSON object'
        when {{ function('has_repeats') }}(keys) then 'a key stands twice'
        {%- for name in texts %}
        {%- set type = 'types[' ~ (names.index(name) + 1) ~ ']' %}
        when coalesce({{ type }}, 'NULL') = 'NULL' then '{{ name }} is missing'
        {%- if name == 'title_id' %}
        when digits is null and {{ type }} <> 'VARCHAR'
            then '{{ name }} is neither a string nor a whole number of 0 or more'
        {%- else %}
        when {{ type }} <> 'VARCHAR' then '{{ name }} is not a string'
        {%- endif %}
        when {{ function('is_blank') }}(members.{{ name }}) then '{{ name }} is blank'
        {%- endfor %}
        when members.patch_seq is null then 'patch_seq is missing'
        when types[1] not in ('UBIGINT', 'BIGINT') and not regexp_matches(members.patch_seq::varchar, '^[0-9]+$')
            then 'patch_seq is not an integer'
        when coalesce(try_cast(members.patch_seq as bigint) < 0, regexp_matches(members.patch_seq::varchar, '^-'))
            then 'patch_seq is negative'
        when try_cast(members.patch_seq as bigint) is null then 'patch_seq is above 9223372036854775807'
        when coalesce(types[2], 'NULL') = 'NULL' then 'ops is missing'
        when types[2] <> 'ARRAY' then 'ops is not an array'
        when len(ops) = 0 then 'ops is empty'
        {%- for name in optional_texts %}
        when types[{{ names.index(name) + 1 }}] not in ('VARCHAR', 'NULL') then '{{ name }} is not a string'
        {%- endfor %}
    end as quarantine_reason
from read_members
{% endmacro %}
