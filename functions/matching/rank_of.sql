select
    case
        when contains(match_key, ' to ') then 0
        when
            regexp_matches(
                match_key,
                '\b(?:director|vp|svp|evp|avp|rvp|president)$|'
                || '^(?:(?:senior|associate|assistant|executive|group|global|regional|deputy|managing) )*'
                || '(?:director|head of|vice president|vp|svp|evp|avp|rvp) '
            )
            then 2
        when regexp_matches(match_key, '(?:case|account) manager$') then 0
        when regexp_matches(match_key, '\b(?:manager|supervisor|superintendent)$') then 1
        else 0
    end
