-- Each condition by itself: of an `or` the database computes all sides, for every title and rule. What a pattern
-- meets is seen by taking it out: for that the database compiles it once, for `regexp_matches` four times.
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
        -- What a preposition promises does not follow; Koch*in and Pay-In have none, nor has AT for Austria.
        when
            regexp_matches(
                case when title = upper(title) then lower(title) else title end,
                '(?:^|[^*:/\w-])(?:[Oo][fn]|[Ii]n|[Aa]t|[Ff]or|[Tt]he|[Tt]o|[Bb]y|[Dd](?:e[rs]?|u)|[Ff]ür|[Vv]on)$|-to$'
            )
            then former_title
        else regexp_replace(
            case
                when regexp_matches(former_title, '[-–—|,;:]\s+[-–—|,;:]\s') then title
                else regexp_replace(title, '\s*[-–—|,;:]+(?:\s+[-–—|,;:]+)*\s+([-–—|]+\s)', ' \1', 'g')
            end,
            '(?i)(?:\s*[-–—|,;:/&]+|\s+\++|\s+(?:with|plus|and|or|und|et|e|y|w/|incl(?:uding)?))+\s*$',
            ''
        )
    end
