-- depends_on: {{ ref('pattern_phrases') }}
with
-- A bracket right after a word is its other gendered form and not a mark, as in Consultor(a), nor is a hyphen whose
-- word comes later, as in Elektro- und Gastechniker. Control characters stand in for them; a draft that contains such
-- characters already is not cut. A dash between two numbers or months is not a mark either: 5 - 8 years, 9 pm - 6 am.
drafts as (
    select
        title_id,
        company,
        location,
        regexp_replace(
            regexp_replace(
                regexp_replace(title, '(\pL)\((\pL{1,4})\)', '\1' || chr(1) || '\2' || chr(2), 'g'),
                '(\pL-)\s(' || {{ phrase_pattern('joined') }} || '\s)',
                '\1' || chr(3) || '\2',
                'gi'
            ),
            '(\d%?(?:\s?[ap]\.?m\b\.?)?)\s*[-–—]\s*('
            || '\d+(?:[:.]\d\d)?\s?'
            || '(?:%|(?:[ap]\.?m|sessions?|h(?:ou)?rs?|days?|weeks?|wks?|months?|mos?|years?|yrs?)\b)'
            || ')|\b(' || {{ phrase_pattern('month') }} || ')\s*[-–—]\s*(' || {{ phrase_pattern('month') }} || ')\b',
            '\1\3-\2\4',
            'gi'
        ) as title
    from {{ ref('title_drafts') }}
    where length(title) <= {{ longest_title() }} and not regexp_matches(title, '[\x{1}-\x{3}]')
),

cut as (
    select
        title_id,
        company,
        location,
        string_split_regex(title, {{ segment_mark() }}) as texts,
        [''] || regexp_extract_all(title, {{ segment_mark() }}) as marks
    from drafts
    where regexp_matches(title, {{ segment_mark() }})
)

select
    title_id,
    company,
    location,
    generate_subscripts(texts, 1) as position,
    unnest(marks) as mark,
    translate(unnest(texts), chr(1) || chr(2) || chr(3), '() ') as segment
from cut
