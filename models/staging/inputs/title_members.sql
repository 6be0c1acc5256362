with
members (document_index, member, kind, is_patchable) as (
    values
    {%- for member in title_members() %}
    ({{ loop.index }}, '{{ member.name }}', '{{ member.kind }}', {{ member.patchable }}){{ "," if not loop.last }}
    {%- endfor %}
)

select * from members
