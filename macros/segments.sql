{#- Where a title is cut: brackets, dashes with white space on at least one side, bars, bullets, commas, colons, slashes
    between spaces, w/. A bracket right after a word is its other gendered form, as in Consultor(a). -#}
{% macro segment_mark() -%}
    '\s*[)\]]+\s*[-–—|,;:/]*\s*[(\[]+\s*|\s*[-–—|,;:/]*\s+[(\[]+\s*|\s+[-–—|,;:/]+[(\[]+\s*|^[(\[]+\s*|\s*[)\]]+(?:\s*[-–—|,;:/]+\s*|\s+|$)|\s+[-–—]+\s*|[-–—]+\s+|\s*—\s*|\s*[|•·~;@]+\s*|\s*,\s+|\s+[wW]/\s*|\s+/\s*|/\s+|\s*:\s+|\s*\${2,}\s*'
{%- endmacro %}

{#- The kind of a segment by its form, from the seed `segment_kinds`; null where none matches. -#}
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
                -- A unit that names its head: Bureau of Controller, Office of the General Counsel.
                or {{ meets(segment, '^(?:bureau|office|division|department) of ') }}
                {%- endif %}
            )
            {%- endif %}
            then '{{ kind.kind }}'
        {%- endfor %}
    end
{%- endmacro %}

{#- A word of a segment: letters and digits, with the signs that may occur inside. -#}
{% macro word_of_segment() -%}
    '[\pL\pN](?:[\pL\pN+#.''’]*[\pL\pN+#])?'
{%- endmacro %}
