-- noqa: disable=LT02
-- One pattern under the other, in the order in which they are applied. Three letters are required before the ending,
-- and lower case within it: P.E. Teacher, HVAC/R Technician, Check/in and Supervisor/A have no second form.
select
    regexp_replace(regexp_replace(regexp_replace(regexp_replace(regexp_replace(regexp_replace(
        regexp_replace(regexp_replace(
            title,
            -- Engenheira(o), Editor (a), Assistant(e)s, Directeur (-trice), and MÉDICO(A)
            '([{{ letters() }}]{3}) ?\(-?'
            || '(?:[ao]s?|es?|in(?:nen)?|[nltfsrv]e|i?enne|e?ss[ea]|ive|i?[eè]re|euse|t?rice|ice|oare|ă)\)s?',
            '\1', 'g'),
            '(\p{Lu}{3})\((?:[AO]S?|ES?|NE|I?[EÈ]RE|EUSE|T?RICE|INNEN)\)S?', '\1', 'g'),
        -- Technicien.ne, Coordonnateur.trice.s, Ingénieur·e
        '([{{ letters() }}]{3})[.·•∙‧](?:[ao]|e|[nltfsrv]e|i?enne|e?sse|ive|i?[eè]re|euse|t?rice|ice)'
        || '(?:[.·•∙‧]?s)?([^{{ letters() }}]|$)',
        '\1\2', 'g'),
        -- Ejecutivo/a, Vânzător/-oare, Prodavač/ka, Πωλητής/τρια
        '([{{ letters() }}]{3})(?:/-?|[*:_])'
        || '(?:[ao]|e|[nfv]e|i?[eè]re|euse|t?rice|essa|oare|ă|t?ka|cz?ka|čka|czyni|τ?ρια|α)([^{{ letters() }}]|$)',
        '\1\2', 'g'),
        -- Verkäufer*in, Mitarbeiter/innen, Kaufmann/-frau
        '(?:([{{ letters() }}]{3})[*:_]|(er|or|en|nt|st|ur|ut|kt|og|ar)/-?)in(?:nen)?'
        || '([^{{ letters() }}]|$)|(mann)[/*:]-?frau\b|(frau)[/*:]-?mann\b',
        '\1\2\3\4\5', 'g'),
        -- Profesores/as, Angestellte/r, MitarbeiterIn, Chargé-e, Coordinador-a, OPERARIO/A
        '([oe]s)/as\b|([{{ letters() }}]{3}e)(?:[/*:_]r\b|\(r\))|(\p{Ll}{2}(?:er|or|nt|st|ur|ut|kt|og))In(?:nen)?\b'
        || '|([{{ letters() }}](?:[aei]nt|ier|eur|al|el|if|é))-(?:e|[nv]e|euse|t?rice|[eè]re|le)s?\b'
        || '|([{{ letters() }}](?:[dts]or|iar))-a\b'
        || '|(\p{Lu}{3}(?:O|OR|TE))/A\b',
        '\1\2\3\4\5\6', 'g'),
        -- Medewerk(st)er
        '\(st\)er\b', 'er', 'g'),
        -- Agent d'entretien
        '\b(?:[dlDL]|all|dell|nell|sull)[''’`]([aeiouyhàâéèêîôœAEIOUYHÀÂÉÈÊÎÔŒ])', '\1', 'g')
