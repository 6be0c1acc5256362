{#- A text with its HTML entities read, once. What nothing knows stays as it is; without its semicolon, only
    `&amp` is an entity. -#}
{% macro entities_read(text) -%}
    {%- set entities = patterns_of('html_entities', 'name') -%}
    array_to_string(
        list_transform(
            regexp_extract_all({{ text }}, '&(?:#\d{1,7}|#[xX][0-9a-fA-F]{1,6}|\w+);|&amp\b|[^&]+|&'),
            lambda piece: case
                when not regexp_matches(piece, '^&.') then piece
                else coalesce(
                    try(chr(case
                        when piece = '&amp' then 38
                        when starts_with(lower(piece), '&#x') then ('0x' || piece[4:-2])::integer
                        when starts_with(piece, '&#') then piece[3:-2]::integer
                        else [{{ entities | map(attribute='code_point') | join(', ') }}][
                            list_position({{ sql_texts(entities | map(attribute='name')) }}, piece[2:-2])
                        ]
                    end)),
                    piece
                )
            end
        ),
        ''
    )
{%- endmacro %}

{#- A text that was written as UTF-8 and read as Windows-1252, put back: CafÃ© is Café. Each run of signs
    beyond ASCII is tried by itself. -#}
{% macro read_as_utf8(text) -%}
    {%- set windows_1252 = '€ ‚ƒ„…†‡ˆ‰Š‹Œ Ž  ‘’“”•–—˜™š›œ žŸ' -%}
    array_to_string(
        list_transform(
            regexp_extract_all({{ text }}, '[^\x00-\x7f]+|[\x00-\x7f]+'),
            lambda run: case
                when not regexp_matches(run, '^[\x{C2}-\x{F4}].') then run
                else coalesce(
                    try(decode(unhex(array_to_string(
                        list_transform(
                            regexp_extract_all(run, '.'),
                            lambda sign: printf('%02X', case
                                when unicode(sign) < 256 then unicode(sign)
                                else 127 + nullif(strpos('{{ windows_1252 }}', sign), 0)
                            end)
                        ),
                        ''
                    )))),
                    run
                )
            end
        ),
        ''
    )
{%- endmacro %}

{#- Full-width signs as ordinary ones. -#}
{% macro ordinary_width(text) -%}
    array_to_string(
        list_transform(
            regexp_extract_all({{ text }}, '(?s).'),
            lambda sign: case
                when unicode(sign) between 65281 and 65374 then chr((unicode(sign) - 65248)::integer)
                else sign
            end
        ),
        ''
    )
{%- endmacro %}
