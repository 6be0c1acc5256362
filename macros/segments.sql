{#- Where a title is cut: brackets, dashes with white space on one side, bars, bullets, commas, colons,
    slashes between blanks. A bracket right behind a word is its other form, as in Consultor(a). -#}
{% macro segment_mark() -%}
    '\s*[)\]]+\s*[-–—|,;:/]*\s*[(\[]+\s*|\s*[-–—|,;:/]*\s+[(\[]+\s*|\s+[-–—|,;:/]+[(\[]+\s*|^[(\[]+\s*|\s*[)\]]+(?:\s*[-–—|,;:/]+\s*|\s+|$)|\s+[-–—]+\s*|[-–—]+\s+|\s*—\s*|\s*[|•·~;@]+\s*|\s*,\s+|\s+/\s*|/\s+|\s*:\s+|\s*\${2,}\s*'
{%- endmacro %}

{#- The kind of a segment by what it looks like, of the seed `segment_kinds`; null where none fits. -#}
{% macro segment_kind(segment, ends_in_work) -%}
    case
        when {{ segment }} = '' then null
        {%- for kind in rules_of('segment_kinds', 'position') if kind.pattern %}
        when
            {{ meets(segment, '^(?:' ~ kind.pattern ~ ')!*$') }}
            {%- if kind.unless %}
            and not {{ meets(segment, '^(?:' ~ kind.unless ~ ')$') }}
            {%- endif %}
            {%- if kind.kind in ['unit', 'elsewhere', 'requirement', 'language'] %}
            and (
                not coalesce({{ ends_in_work }}, false)
                {%- if kind.kind == 'unit' %}
                -- Who heads it: Bureau of Controller, Office of the General Counsel.
                or {{ meets(segment, '^(?:bureau|office|division|department) of ') }}
                {%- endif %}
            )
            {%- endif %}
            then '{{ kind.kind }}'
        {%- endfor %}
    end
{%- endmacro %}

{#- A word of a segment: letters and digits, with what may stand inside. -#}
{% macro word_of_segment() -%}
    '[\pL\pN](?:[\pL\pN+#.''’]*[\pL\pN+#])?'
{%- endmacro %}
