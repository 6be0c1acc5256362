-- A pattern that begins with a literal character is searched for fast; combined into one pattern, these take twice as
-- long.
select
    regexp_matches(json, ':\s*-?(?:[0-9]+[.eE]|0)')
    or regexp_matches(json, ',\s*-?(?:[0-9]+[.eE]|0)')
    or regexp_matches(json, '\[\s*-?(?:[0-9]+[.eE]|0)')
    or regexp_matches(json, '^\s*-?(?:[0-9]+[.eE]|0)')
