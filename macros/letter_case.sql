{#- A title in capitals, or in lower case, with each word written as titles usually write it. A word that is short and
    in no list, or that has no vowel, stays as it is; so does a title that consists of acronyms, or is in a script
    without capitals. -#}
{% macro in_ordinary_letters(title) -%}
    {%- set has_form_of_its_own = "form not in (word, upper(left(word, 1)) || lower(substr(word, 2)))" -%}
    {%- set special = words_of('title_words', 'form', has_form_of_its_own) + words_in_capitals() -%}
    {#- Words that are rare in titles; of the short words that titles have, a rare one is more often an acronym. -#}
    {%- set short = words_of('title_words', 'word', 'length(word) <= 4 and titles >= 3 and not ' ~ has_form_of_its_own)
        + ['all', 'do', 'my', 'new', 'no', 'not', 'only', 'our', 'out', 'up', 'we', 'york', 'you', 'your'] -%}
    {%- set common = words_of('title_words', 'word', 'length(word) >= 5 and titles >= 50') -%}
    {%- set capitals = "regexp_replace(" ~ title ~ ", '\\b(?:and|of|for|the|in|or|to|with|s|Co|Inc|Ltd|No)\\b', '', 'g')" -%}
    {%- set is_in_capitals = "(" ~ capitals ~ " = upper(" ~ capitals ~ "))" -%}
    case
        -- HRA TECHNOLOGY in a title that is not in capitals
        when not {{ is_in_capitals }} and regexp_matches({{ title }}, '\p{Lu}{5}') then regexp_replace(array_to_string(
            list_transform(
                regexp_extract_all({{ title }}, '\pL+|\PL+'),
                lambda word: case
                    -- Acronyms are not that long: CONSULTANT ANAESTHETIST with an interest
                    when
                        word = upper(word)
                        and (length(word) >= 10 or list_contains({{ text_literals(common) }}, lower(word)))
                        then left(word, 1) || {{ in_small_letters('substr(word, 2)', title) }}
                    else word
                end
            ),
            ''
        ), {{ last_sigma() }}, 'g')
        when
            (not {{ is_in_capitals }} and {{ title }} <> lower({{ title }}))
            or regexp_matches({{ title }}, '[^\P{Lo}ªº]')
            or (
                regexp_matches({{ title }}, '^[^\pL]*\pL{1,4}[^\pL]*$')
                and not list_contains({{ text_literals(short) }}, lower(regexp_extract({{ title }}, '\pL+')))
            )
            or (
                regexp_matches({{ title }}, '^(?:[^\pL]|\b\pL{1,3}\b)*$')
                and not regexp_matches({{ title }}, '\b(?:OF|FOR|AND|THE)\b')
            )
            then {{ title }}
        -- An A that distinguishes a class is not an article, and an OR by itself is the operating room.
        else regexp_replace(regexp_replace(regexp_replace(array_to_string(
            list_transform(
                regexp_extract_all({{ title }}, '(?i)\b(?:in|on|at|to|by|of)-|{{ both_forms() }}|[\pL\pN’''+#.&]+|[^\pL\pN’''+#.&]+'),
                lambda word, i: case -- noqa: PRS
                    -- In-House, On-Call
                    when ends_with(word, '-') then upper(left(word, 1)) || lower(substr(word, 2))
                    when i > 1 and list_contains({{ words_in_small_letters() }}, lower(word)) then lower(word)
                    when list_contains({{ text_literals(special | map('upper')) }}, upper(word))
                        then {{ text_literals(special) }}[list_position({{ text_literals(special | map('upper')) }}, upper(word))]
                    when {{ meets('word', '^\\d+(?:ST|ND|RD|TH)\\.?$') }} then lower(word)
                    -- Ph.D., B.Sc., L.P.N.; but agent.e
                    when {{ meets('word', '^(?:(?:PH|PSY|ED|PHARM|SC|TH|LITT|MUS|ENG)\\.[A-Z]|\\pL\\.(?:\\pL+\\.)*\\pL+)\\.?$') }}
                        then array_to_string(
                            list_transform(
                                regexp_extract_all(word, '\pL+|\PL+'),
                                lambda part: upper(left(part, 1)) || lower(substr(part, 2))
                            ),
                            ''
                        )
                    -- Only an acronym has no vowel, or contains an ampersand.
                    when {{ meets('word', '^(?:[B-DF-HJ-NP-TV-XZ]{2,5}|\\pL{1,2}&\\pL{1,2}|.{0,7}\\d.*)$') }} then upper(word)
                    when
                        length(word) <= 4 and {{ is_in_capitals }}
                        and not list_contains({{ text_literals(short) }}, lower(word))
                        then word
                    when {{ meets('word', "^[A-Z]['’]\\pL{2}") }}
                        then upper(word[:1]) || word[2:2] || upper(word[3:3]) || lower(word[4:])
                    when {{ meets('word', '^mc\\pL{4}') }}
                        then 'Mc' || upper(word[3:3]) || lower(word[4:])
                    else
                        upper(left(word, 1)) || {{ in_small_letters('substr(word, 2)', title) }}
                end
            ),
            ''
        ), {{ last_sigma() }}, 'g'), '\b(Class|Grade|Group|Type|Level|Category|Section|Hepatitis|Vitamin|CDL)([ -])a\b', '\1\2A', 'g'),
        '(^|[-–—|(,]\s?)[Oo]r(\s?[)/,]|\s[-–—|(]|$|\s(?:Nurs|RN|Tech|Surg|Scrub|Orderly|Aide|Manager|Director))', '\1OR\2', 'g')
    end
{%- endmacro %}

{#- Turkish has an I without a dot, which `lower()` does not know. No other language that has capitals writes İ, Ğ or ğ
    but Azerbaijani, which has that I, too. -#}
{% macro in_small_letters(text, title) -%}
    lower(if(regexp_matches({{ title }}, '[İıĞğ]'), replace({{ text }}, 'I', 'ı'), {{ text }}))
{%- endmacro %}

{#- What `regexp_replace()` finds and writes for a sigma at a word's end, which has a form of its own. -#}
{% macro last_sigma() -%}
    '(\pL)σ(\PL|$)', '\1ς\2'
{%- endmacro %}

{#- Words that are missing in the two lists of titles, see `make_word_tables.py`. -#}
{% macro words_in_capitals() -%}
    {{- return([
        'RN', 'LPN', 'LVN', 'CNA', 'CMA', 'NP', 'PA', 'MD', 'PRN', 'ICU', 'ER', 'NICU', 'EMT', 'CT', 'MRI',
        'HVAC', 'CDL', 'CNC', 'PLC', 'QA', 'QC', 'IT', 'SQL', 'AWS', 'SAP', 'ERP', 'CRM', 'SEO', 'UX', 'UI', 'AI', 'ML',
        'BI', 'HR', 'PR', 'VP', 'SVP', 'AVP', 'CEO', 'CFO', 'CTO', 'COO', 'CPA', 'SOC', 'SRE', 'iOS', 'C++', 'C#', '.NET',
        'PHP', 'API', 'SaaS', 'B2B', 'R&D', 'OEM', 'GIS', 'CAD', 'EHS', 'FP', 'FPGA', 'MLOps', 'SENCO', 'II', 'III', 'IV', 'VI', 'EMEA', 'APAC',
        'US', 'USA', 'UK', 'EU', 'PMO', 'SDET', 'SDE', 'DBA', 'BIM', 'MERN', 'ICQA', 'ABAP', 'BCBA', 'RBT', 'SLP', 'LCSW',
        'LMFT', 'DSP', 'MEP', 'HSE', 'OTR', 'ESL', 'INFOSEC', 'OSHA', 'CAM', 'ICD', 'NHS', 'CAMHS', 'RMN', 'RGN', 'RNLD',
        'HCA', 'MUA', 'NASA', 'FEMA', 'Op', 'LL.B', 'LL.B.', 'LL.M', 'LL.M.', 'LL.D.'
    ]) -}}
{%- endmacro %}

{% macro words_in_small_letters() -%}
    ['and', 'of', 'the', 'for', 'in', 'on', 'at', 'to', 'with', 'from', 'by', 'or', 'a', 'an', 'de', 'und', 'et', 'y', 'e', 'di', 'al',
        'del', 'du', 'des', 'da', 'para', 'por', 'con', 'com', 'en', 'pour', 'für', 'mit', 'och', 'og', 'til', 'på',
        'voor', 'zur', 'zum', 'în', 'şi', 'și', 'dla'
    ]
{%- endmacro %}

{#- A word with the ending of its other gendered form: VENDEUR(EUSE), ENFERMERO/A. -#}
{% macro both_forms() -%}
    {%- set ends = 'E|S|ES|A|O|AS|OS|SE|NE|VE|EUSE|[TR]?RICE|I?[EÈ]RE|IVE|NNE|IENNE|R?IN|INNEN|OR?A|RA' -%}
    \pL{4,}(?:\((?:{{ ends }})\)|[/·](?:{{ ends }})\b)
{%- endmacro %}
