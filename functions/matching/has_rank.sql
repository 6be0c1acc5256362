select
    regexp_matches(
        match_key,
        '\b(?:manager|director|head|vp|svp|evp|avp|rvp|president|chief|supervisor|superintendent|officer|lead|leader)\b'
    )
    and not regexp_matches(match_key, '\b(?:intern|internship|trainee|apprentice|student|graduate|placement)\b')
