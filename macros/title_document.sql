{#- The title document: its members, in order; the models derive everything about them from this list. A new member
    is one line here, and one column with a description where it is published.

    kind        string (or null), or list (of strings)
    patchable   whether a patch may write it
    required    whether a title row must have it
    default     the member whose value is used where this one is absent or null -#}
{% macro title_members() %}
    {{- return([
        {'name': 'title_id', 'kind': 'string', 'patchable': false, 'required': true},
        {'name': 'source_title', 'kind': 'string', 'patchable': false, 'required': true},
        {'name': 'learner_title', 'kind': 'string', 'patchable': true, 'required': false, 'default': 'source_title'},
        {'name': 'occupation_code', 'kind': 'string', 'patchable': true, 'required': false},
        {'name': 'source_refs', 'kind': 'list', 'patchable': true, 'required': false},
        {'name': 'candidate_source_refs', 'kind': 'list', 'patchable': true, 'required': false},
        {'name': 'caveats', 'kind': 'list', 'patchable': true, 'required': false},
        {'name': 'hold_reason', 'kind': 'string', 'patchable': true, 'required': false},
    ]) -}}
{% endmacro %}

{#- The members of a row as columns. -#}
{% macro member_columns(row) %}
    {%- for member in title_members() %}
    {{ row }}.{{ member.name }}{{ "," if not loop.last }}
    {%- endfor %}
{% endmacro %}

{#- A row's members as one list of lists, the form in which the replay carries a document: a string is a list of one
    element and null an empty list, so that every operation is a splice. -#}
{% macro pack_document(row) %}
    [
        {%- for member in title_members() %}
        {%- set value = row ~ '.' ~ member.name %}
        {% if member.kind == 'list' -%}
            {{ value }}
        {%- else -%}
            case when {{ value }} is null then [] else [{{ value }}] end
        {%- endif -%}
        {{ "," if not loop.last }}
        {%- endfor %}
    ]
{% endmacro %}

{#- The columns of a packed document. -#}
{% macro unpack_document(document) %}
    {%- for member in title_members() %}
    {{ document }}[{{ loop.index }}]{{ "[1]" if member.kind != 'list' }} as {{ member.name }}
    {{- "," if not loop.last }}
    {%- endfor %}
{% endmacro %}

{#- The name of a member of the document in the title rows, according to the var title_row_columns. -#}
{% macro row_column(member) -%}
    {%- set columns = {} -%}
    {%- for column, named in var('title_row_columns').items() %}{% do columns.update({named: column}) %}{% endfor -%}
    {{ return(columns.get(member, member)) }}
{%- endmacro %}
