-- One condition per branch: of an `or` the database computes all operands, for every title and rule. Whether a pattern
-- matches is tested by removing the match: for that the database compiles the pattern once, for `regexp_matches` four
-- times.
select
    case
        when title = former_title then title
        when regexp_replace(title, '[{{ letters() }}]', '') = title then former_title
        when {{ function('open_brackets') }}(title) <> 0 and {{ function('open_brackets') }}(former_title) = 0
            then former_title
        when
            regexp_replace(title, '^\s*[(\[]', '') <> title
            and regexp_replace(former_title, '^\s*[{{ letters() }}\pN]', '') <> former_title
            then former_title
        -- What the preposition announces is missing, whatever mark follows; Koch*in and Pay-In have no preposition, nor
        -- has AT for Austria.
        when
            regexp_matches(
                case when title = upper(title) then lower(title) else title end,
                '(?:^|[^*:/\w-])(?:[Oo][fn]|[Ii]n|[Aa]t|[Ff]or|[Tt]he|[Tt]o|[Bb]y|[Dd](?:e[lrs]?|u)|[Ff]ür|[Vv]on'
                || '|via|within|into|across|im|our|and/or)[^{{ letters() }}\d)\]?!.]*$|-to$'
            )
            then former_title
        else regexp_replace(
            case
                when regexp_matches(former_title, '[-–—|,;:]\s+[-–—|,;:]\s') then title
                else regexp_replace(title, '\s*[-–—|,;:]+(?:\s+[-–—|,;:]+)*\s+([-–—|]+\s)', ' \1', 'g')
            end,
            -- Marks that join nothing: any mark between a space and an end. What closes a sentence or a quotation stays
            -- at the end of a title, and so does a sign that is the unit of a number: 50 %.
            replace(
                replace(
                    '(?i)^(?:[{mark}.!?%°$€£]+\s+)+|([^\s\d])(?:\s+[%°$€£]+|{end})+\s*$|(?:{end})+\s*$',
                    '{end}',
                    '\s*[-–—|,;:/&~\\¦¬…⸺⎯￨︱]+|\s*[-=]*>+|\s+[{mark}‘’“«‹(\[{]+|\s+\.{2,}'
                    || '|\s+(?:with|plus|and|(?-i:or)|und|et|e|y|w/|incl(?:uding)?)'
                ),
                '{mark}',
                '#&''*+,\-/:;<=>@\\^_`|~¡¤¦-©¬-¯±´¶-¸¿×÷\x{2C2}-\x{2DF}\x{58A}\x{60C}\x{1400}'
                || '\x{1806}\x{207B}\x{208B}\x{2010}-\x{2017}\x{201B}\x{201F}-\x{2038}\x{203B}-\x{206F}™'
                || '\x{2190}-\x{23FF}\x{2500}-\x{2BFF}\x{2E00}-\x{2E5D}\x{3001}-\x{3003}〒〓〜〰゠・ー'
                || '\x{FF61}-\x{FF65}\x{FE30}-\x{FE6F}'
                || '\x{FFE2}-\x{FFEE}'
            ),
            '\1',
            'g'
        )
    end
