select
    regexp_full_match(
        match_key,
        '(?:(?:senior|associate|assistant|executive|group|global|regional|deputy|managing|area|team) )*'
        || '(?:director|vice president|vp|svp|evp|avp|head|chief|manager|lead|leader|president)'
    )
