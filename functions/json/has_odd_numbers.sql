-- What begins with one character is looked for at once; as one pattern these take twice as long.
select
    regexp_matches(json, ':\s*-?(?:[0-9]+[.eE]|0)')
    or regexp_matches(json, ',\s*-?(?:[0-9]+[.eE]|0)')
    or regexp_matches(json, '\[\s*-?(?:[0-9]+[.eE]|0)')
    or regexp_matches(json, '^\s*-?(?:[0-9]+[.eE]|0)')
