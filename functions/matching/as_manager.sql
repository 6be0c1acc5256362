select
    regexp_replace(
        regexp_replace(
            match_key,
            '^(?:(?:.* )?(?:director|head|vice president|vp|svp|evp|avp|manager) of (.+)'
            || '|(?:director|head|vice president|vp|svp|evp|avp|manager) (.+)'
            || '|(.+?) (?:senior |associate |executive |managing |deputy )?'
            || '(?:director|vice president|vp|svp|evp|avp|head|senior manager))$',
            '\1\2\3 manager'
        ),
        '^(?:(?:senior|associate|assistant|executive|group|global|regional|deputy|managing) )+|management (manager$)',
        '\1',
        'g'
    )
